// Package registry looks values up by name, with one wording for a name that is
// unknown.
package registry

import (
	"fmt"
	"strings"
)

// Find returns the value whose name is want. kind is what the values are, such as
// "norm"; the error quotes the name and lists the known ones:
//
//	unknown norm "batch": want one of bn, rn
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

// Unknown is the error of a name that is not among the known ones.
func Unknown(kind, name string, known []string) error {
	return fmt.Errorf("unknown %s %q: want one of %s", kind, name, strings.Join(known, ", "))
}
