package photobench

import (
	"crypto/sha256"
	"fmt"
	"slices"
)

// addDuplicates finds files with equal content within each domain and across
// domains, in the order of the files. It ignores broken files, which are often
// empty.
func (r *Report) addDuplicates(files []*file) {
	same := make(map[[sha256.Size]byte][]*file)
	for _, f := range files {
		if f.broken == nil {
			same[f.sum] = append(same[f.sum], f)
		}
	}
	for _, f := range files {
		group := same[f.sum]
		if len(group) < 2 || group[0] != f { // report a group once, at its first file
			continue
		}
		if slices.ContainsFunc(group, func(g *file) bool { return g.domain != f.domain }) {
			r.Duplicates = append(r.Duplicates, duplicateOf(group))
		}
		for i := range r.Domains {
			var here []*file
			for _, g := range group {
				if g.domain == i {
					here = append(here, g)
				}
			}
			if len(here) > 1 {
				r.Domains[i].Duplicates = append(r.Domains[i].Duplicates, duplicateOf(here))
			}
		}
	}
}

// duplicateOf describes files with equal content.
func duplicateOf(files []*file) Duplicate {
	d := Duplicate{SHA256: fmt.Sprintf("%x", files[0].sum)}
	var labels []int32
	for _, f := range files {
		d.Files = append(d.Files, f.path)
		if !slices.Contains(labels, f.label) { // the class name may differ between domains
			labels = append(labels, f.label)
			d.Classes = append(d.Classes, f.class)
		}
	}
	return d
}
