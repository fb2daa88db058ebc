// Package registry looks values up by name and words the error for an unknown
// name.
package registry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Find returns the value whose name is want. kind names the values, such as "norm";
// the error quotes the name, suggests the known name closest to it and lists all:
//
//	unknown norm "ren": did you mean rn? want one of bn, rn
func Find[T any](kind, want string, all []T, name func(T) string) (T, error) {
	for _, v := range all {
		if name(v) == want {
			return v, nil
		}
	}
	var none T
	return none, Unknown(kind, want, Names(all, name))
}

// Names lists the values' names in their order.
func Names[T any](all []T, name func(T) string) []string {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = name(v)
	}
	return names
}

// Unknown returns the error for a name that is not among the known ones.
func Unknown(kind, name string, known []string) error {
	suggestion := ""
	if closest, ok := Closest(name, known); ok {
		suggestion = fmt.Sprintf("did you mean %s? ", closest)
	}
	return fmt.Errorf("unknown %s %q: %swant one of %s", kind, name, suggestion, strings.Join(known, ", "))
}

// Closest returns the known name that a misspelt name most likely stands for: the
// one with the smallest edit distance, letter case and separators aside. ok is false
// if more than half of the letters differ (a third, of names below four letters), or
// more than three.
func Closest(name string, known []string) (closest string, ok bool) {
	written := folded(name)
	var best [2]int // edit distance, then difference in length
	for _, k := range known {
		candidate := folded(k)
		longer, shorter := max(len(written), len(candidate)), min(len(written), len(candidate))
		cost := [2]int{levenshtein.Distance(written, candidate, nil), longer - shorter}
		if cost[0] <= tolerated(longer) && (!ok || slices.Compare(cost[:], best[:]) < 0) {
			closest, best, ok = k, cost, true
		}
	}
	return closest, ok
}

// tolerated is the largest edit distance between names of a length that may mean the
// same. Two swapped letters have distance 2.
func tolerated(length int) int {
	if length < 4 {
		return length / 3
	}
	return min(length/2, 3)
}

// folded returns a name in lower case, without separators.
func folded(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace(strings.ToLower(name))
}
