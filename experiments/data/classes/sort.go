package classes

import (
	"cmp"
	"slices"
	"strings"
)

// Sort sorts class names with [Compare].
func Sort(names []string) { slices.SortFunc(names, Compare) }

// Compare orders class names: whole numbers in them by value, so that 2 comes before
// 10, and everything else in byte order. It returns 0 for equal names only.
func Compare(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		m, n := digits(a[i:]), digits(b[j:])
		if m == 0 || n == 0 {
			if a[i] != b[j] {
				return cmp.Compare(a[i], b[j])
			}
			i, j = i+1, j+1
			continue
		}
		// So far the names differ at most in leading zeros, so either both numbers are
		// decimal places or neither is.
		compare := compareWhole
		if beginsFraction(a[:i]) {
			compare = strings.Compare
		}
		if c := compare(a[i:i+m], b[j:j+n]); c != 0 {
			return c
		}
		i, j = i+m, j+n
	}
	return cmp.Or(cmp.Compare(len(a)-i, len(b)-j), strings.Compare(a, b))
}

// compareWhole compares whole numbers of any length by value.
func compareWhole(a, b string) int {
	a, b = whole(a), whole(b)
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
