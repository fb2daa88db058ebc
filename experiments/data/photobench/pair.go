package photobench

import (
	"fmt"
	"slices"
)

// Pair loads the photographs of two different domains and makes sure that each
// label means the same class in both: the domains need equal numbers of classes
// and, if both know their classes' names, equal names apart from case and
// separators (back_pack and Backpack). The error lists the classes that differ.
func (b Benchmark) Pair(l Location, source, target string) (s, t *Photos, err error) {
	from, err := b.Domain(source)
	if err != nil {
		return nil, nil, fmt.Errorf("source: %w", err)
	}
	to, err := b.Domain(target)
	if err != nil {
		return nil, nil, fmt.Errorf("target: %w", err)
	}
	if from.Name == to.Name {
		return nil, nil, fmt.Errorf("source and target are both %s of %s: want two domains", from.Name, b.Name)
	}
	if s, err = b.Load(l, from.Name); err != nil {
		return nil, nil, fmt.Errorf("source: %w", err)
	}
	if t, err = b.Load(l, to.Name); err != nil {
		return nil, nil, fmt.Errorf("target: %w", err)
	}
	var wrong problems
	for _, difference := range classDifferences(s, t) {
		wrong.add("%s", difference)
	}
	if err := wrong.err(); err != nil {
		return nil, nil, fmt.Errorf("%s: the classes of %s and %s differ:\n%w", b.Name, s.Name, t.Name, err)
	}
	return s, t, nil
}

// classDifferences describes how the classes of two domains differ: the classes
// that only one of them has or, with equal numbers, the labels of unequal classes.
func classDifferences(a, b *Photos) []string {
	var out []string
	if len(a.Classes) != len(b.Classes) {
		out = append(out, fmt.Sprintf("%s has %d classes, %s %d", a.Name, len(a.Classes), b.Name, len(b.Classes)))
	}
	if !a.named || !b.named {
		return out
	}
	if len(out) > 0 {
		out = append(out, onlyIn(a, b)...)
		return append(out, onlyIn(b, a)...)
	}
	for i := range a.Classes {
		if folded(a.Classes[i]) != folded(b.Classes[i]) {
			out = append(out, fmt.Sprintf("class %d is %q in %s, %q in %s", i, a.Classes[i], a.Name, b.Classes[i], b.Name))
		}
	}
	return out
}

// onlyIn describes the classes of one domain that another lacks.
func onlyIn(one, other *Photos) []string {
	var out []string
	for _, class := range one.Classes {
		if !slices.ContainsFunc(other.Classes, func(c string) bool { return folded(c) == folded(class) }) {
			out = append(out, fmt.Sprintf("class %q is only in %s", class, one.Name))
		}
	}
	return out
}
