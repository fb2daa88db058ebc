package classes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Set is the classes of a data set or of a network.
type Set struct {
	// Owner names the data set or the network in errors.
	Owner string
	// Names are the classes by label.
	Names []string
	// Numbered says that nobody named the classes: Names are [Numbered] ones.
	Numbered bool
}

// Numbered returns names for n classes without names: "class 0", "class 1" and so
// on.
func Numbered(n int) []string {
	names := make([]string, n)
	for label := range names {
		names[label] = fmt.Sprintf("class %d", label)
	}
	return names
}

// AreNumbered reports whether names are those that [Numbered] returns.
func AreNumbered(names []string) bool { return slices.Equal(names, Numbered(len(names))) }

// Matching holds, for each label of one set, the label of the same class in another.
type Matching []int32

// Labels translates labels. No labels, nil, stay nil.
func (m Matching) Labels(labels []int32) []int32 {
	if labels == nil {
		return nil
	}
	out := make([]int32, len(labels))
	for i, label := range labels {
		out[i] = m[label]
	}
	return out
}

// Names puts names into the other set's order.
func (m Matching) Names(names []string) []string {
	out := make([]string, len(names))
	for label, name := range names {
		out[m[label]] = name
	}
	return out
}

// Match finds the class of each label of from among the classes of to. The sets need
// the same classes, in any order and spelling; the error says how they differ. If
// names of one set are equal but for their spelling, both sets must spell all names
// alike.
//
// Where one set is numbered, the other set's classes are matched by their order, or
// by their value if all names are whole numbers.
func Match(to, from Set) (Matching, error) {
	if differences := Differences(to, from); len(differences) > 0 {
		shown := differences[:min(len(differences), maxShown)]
		if more := len(differences) - len(shown); more > 0 {
			shown = append(slices.Clone(shown), fmt.Sprintf("and %d more", more))
		}
		return nil, fmt.Errorf("the classes of %s and %s differ:\n%s", to.Owner, from.Owner, strings.Join(shown, "\n"))
	}
	wanted, key := index(to.keys(from)), from.keys(to)
	m := make(Matching, len(from.Names))
	for label := range m {
		m[label] = wanted[key[label]]
	}
	return m, nil
}

// maxShown bounds the differences that an error lists.
const maxShown = 10

// Differences describes how two sets differ in a way that [Match] refuses. It is
// empty for sets that match.
func Differences(a, b Set) []string {
	var out []string
	if len(a.Names) != len(b.Names) {
		out = append(out, fmt.Sprintf("classes of %s: %d, of %s: %d", a.Owner, len(a.Names), b.Owner, len(b.Names)))
		if a.Numbered || b.Numbered {
			return out
		}
	}
	keysOfA, keysOfB := a.keys(b), b.keys(a)
	if twins := append(a.twins(keysOfA), b.twins(keysOfB)...); len(twins) > 0 {
		return append(out, twins...)
	}
	onlyA, onlyB := lacking(a.Names, keysOfA, index(keysOfB)), lacking(b.Names, keysOfB, index(keysOfA))
	if a.Numbered != b.Numbered && len(onlyA) > 0 {
		numbered, named, from := a, b, onlyB
		if b.Numbered {
			numbered, named, from = b, a, onlyA
		}
		return append(out, fmt.Sprintf("%s has no class names but the labels 0 to %d, and class %q of %s is none of them",
			numbered.Owner, len(numbered.Names)-1, from[0], named.Owner))
	}
	for i, name := range onlyA {
		similar := -1
		if i < maxShown { // of many differences, only the first ones are shown
			similar = mostSimilar(name, onlyB)
		}
		if similar < 0 {
			out = append(out, fmt.Sprintf("class %q of %s is not in %s", name, a.Owner, b.Owner))
			continue
		}
		out = append(out, fmt.Sprintf("class %q of %s is not in %s, which has %q", name, a.Owner, b.Owner, onlyB[similar]))
		onlyB = slices.Delete(onlyB, similar, similar+1)
	}
	for _, name := range onlyB {
		out = append(out, fmt.Sprintf("class %q of %s is not in %s", name, b.Owner, a.Owner))
	}
	return out
}

// keys returns what the names are compared by with another set's.
func (s Set) keys(other Set) []string {
	if sameNames(s.Names, other.Names) {
		return s.Names
	}
	if s.Numbered || other.Numbered && !allWhole(s.Names) {
		out := make([]string, len(s.Names))
		for label := range out {
			out[label] = strconv.Itoa(label)
		}
		return out
	}
	out := make([]string, len(s.Names))
	for label, name := range s.Names {
		out[label] = Key(name)
	}
	return out
}

// sameNames reports whether two sets have the same names in the same spelling, in
// any order.
func sameNames(a, b []string) bool {
	return len(a) == len(b) && slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// allWhole reports whether all names are whole numbers.
func allWhole(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return name == "" || digits(name) < len(name) })
}

// index returns the label of each key.
func index(keys []string) map[string]int32 {
	labels := make(map[string]int32, len(keys))
	for label, key := range keys {
		labels[key] = int32(label)
	}
	return labels
}

// twins describes the names with the key of an earlier name.
func (s Set) twins(keys []string) []string {
	var out []string
	first := make(map[string]string, len(keys))
	for label, key := range keys {
		name := s.Names[label]
		if earlier, ok := first[key]; ok {
			out = append(out, fmt.Sprintf("classes %q and %q of %s differ only in their spelling", earlier, name, s.Owner))
			continue
		}
		first[key] = name
	}
	return out
}

// lacking returns the names whose key is not among others.
func lacking(names, keys []string, others map[string]int32) []string {
	var out []string
	for label, key := range keys {
		if _, ok := others[key]; !ok {
			out = append(out, names[label])
		}
	}
	return out
}
