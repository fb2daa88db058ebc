package photobench

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/data/classes"
)

// judge sets the problems and warnings. photos holds the photographs of each domain,
// nil for a domain that could not be read.
func (r *Report) judge(b Benchmark, photos []*Photos) {
	first := slices.IndexFunc(photos, func(p *Photos) bool { return p != nil && b.checkClasses(p) == nil })
	if first < 0 { // no domain has as many classes as the benchmark
		first = slices.IndexFunc(photos, func(p *Photos) bool { return p != nil })
	}
	for i, d := range r.Domains {
		if d.Error != "" {
			if d.Path == "" && len(b.Tasks) > 0 && !b.inTasks(d.Name) {
				r.warn("%s is not there, but no task of the papers needs it", d.Name)
			} else {
				r.problem("%s", d.Error)
			}
			continue
		}
		if d.Expected > 0 && d.Photographs != d.Expected {
			r.problem("%s: %d photographs, want %d", d.Name, d.Photographs, d.Expected)
		}
		if err := b.checkClasses(photos[i]); err != nil {
			r.problem("%s: %v", d.Name, err)
		}
		if len(d.Missing) > 0 {
			r.problem("%s: missing files: %d, the first is %s", d.Name, len(d.Missing), d.Missing[0])
		}
		if len(d.Broken) > 0 {
			r.problem("%s: files that cannot be decoded: %d, the first is %s: %s", d.Name, len(d.Broken), d.Broken[0].Path, d.Broken[0].Error)
		}
		if i != first {
			differences := classes.Differences(photos[first].ClassSet(), photos[i].ClassSet())
			for _, difference := range differences[:min(len(differences), maxProblems)] {
				r.problem("%s", difference)
			}
			if more := len(differences) - maxProblems; more > 0 {
				r.problem("%s: and %d more classes differ", d.Name, more)
			}
		}
		if d.LeftOut.Count() > 0 {
			r.warn("%s: %v", d.Name, d.LeftOut)
		}
		if d.allEqual() {
			r.warn("%s: %s", d.Name, AllEqual(d.Photographs))
		}
		r.warnOfDuplicates(d.Name, "appear several times", d.Duplicates)
	}
	r.warnOfDuplicates("across domains", "appear in several domains", r.Duplicates)
}

// allEqual reports whether all photographs have the same content.
func (d DomainReport) allEqual() bool {
	return d.Photographs > 1 && len(d.Duplicates) == 1 && len(d.Duplicates[0].Files) == d.Photographs
}

// AllEqual is the warning that all photographs of a domain have the same content.
func AllEqual(photographs int) string {
	return fmt.Sprintf("all %d photographs have the same content: the variances of this domain are 0, which norms divide by, and nothing can be learned from it", photographs)
}

// warnOfDuplicates warns of photographs with equal content, and again if some of
// them have different labels.
func (r *Report) warnOfDuplicates(where, how string, found []Duplicate) {
	if len(found) == 0 {
		return
	}
	r.warn("%s: photographs that %s: %d, the first is %s", where, how, len(found), strings.Join(found[0].Files, ", "))
	differ := slices.IndexFunc(found, func(d Duplicate) bool { return len(d.Classes) > 1 })
	if differ < 0 {
		return
	}
	count := 0
	for _, d := range found {
		if len(d.Classes) > 1 {
			count++
		}
	}
	r.warn("%s: of these, with different labels: %d, the first is %s (%s)", where, count,
		strings.Join(found[differ].Files, ", "), strings.Join(found[differ].Classes, ", "))
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func (r *Report) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}
