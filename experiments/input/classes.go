package input

import (
	"errors"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/data/classes"
	"github.com/reciprocalnorm/rn/experiments/environment"
)

// Classes returns the classes of the network that learns from the data, by label:
// the source's, or the target's if only the target names its classes.
func (d Data) Classes() []string {
	if classes.AreNumbered(d.Source.Classes) {
		return d.Test.Classes
	}
	return d.Source.Classes
}

// errUnchecked warns of a network without class names.
var errUnchecked = errors.New("the network was saved by a version that did not keep the names of its classes: whether the data has the same classes is unchecked")

// MatchClasses gives the domains the labels and class names of a trained network.
// The error says which classes differ. With no names, of a network that an older
// version saved, it warns and leaves the domains as they are.
func (f *Found) MatchClasses(network []string, report environment.Reporter) error {
	if len(network) == 0 {
		report.ReportWarning(errUnchecked)
		return nil
	}
	to := classes.Set{Owner: "the network", Names: network, Numbered: classes.AreNumbered(network)}
	if f.Source == nil {
		for _, s := range []*Set{&f.digits.Source, &f.digits.Target, &f.digits.Test} {
			matching, err := classes.Match(to, classes.Set{Owner: s.Name, Names: s.Classes})
			if err != nil {
				return err
			}
			s.Labels, s.Classes = matching.Labels(s.Labels), network
		}
		return nil
	}
	for _, p := range []*Photographs{f.Source, f.Target} {
		from := p.ClassSet()
		matching, err := classes.Match(to, from)
		if err != nil {
			return err
		}
		warnUnnamed(to, from, report)
		p.Labels, p.Classes = matching.Labels(p.Labels), network
	}
	return nil
}

// warnUnnamed warns if only one of two sets names its classes.
func warnUnnamed(a, b classes.Set, report environment.Reporter) {
	if a.Numbered == b.Numbered {
		return
	}
	named, numbered := a, b
	if a.Numbered {
		named, numbered = b, a
	}
	report.ReportWarning(fmt.Errorf("%s does not name its classes: whether its labels stand for the classes of %s is unchecked", numbered.Owner, named.Owner))
}
