package photobench

import (
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/data/classes"
)

// Pair loads the photographs of two different domains. The domains need the same
// classes; [classes.Match] says which spellings are the same. Both get the source's
// labels: the target's classes keep their spelling and take the source's order. A
// list that does not name its classes is matched by its labels. The error lists the
// classes that differ.
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
	if err := t.align(s); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", b.Name, err)
	}
	return s, t, nil
}

// align gives the photographs the labels of another domain with the same classes.
// The classes keep their spelling.
func (p *Photos) align(to *Photos) error {
	matching, err := classes.Match(to.ClassSet(), p.ClassSet())
	if err != nil {
		return err
	}
	p.Labels, p.Classes = matching.Labels(p.Labels), matching.Names(p.Classes)
	return nil
}

// ClassSet returns the domain's classes, to match them with others.
func (p *Photos) ClassSet() classes.Set {
	return classes.Set{Owner: p.Name, Names: p.Classes, Numbered: !p.named}
}
