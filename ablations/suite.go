package ablations

import (
	"errors"
	"fmt"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Variant is a named edit of a configuration.
type Variant struct {
	// Name is what tables and result files call it.
	Name string `json:"name"`
	// Summary says in a line what it is, and which reading of it where a paper
	// leaves several.
	Summary string `json:"summary"`
	// Edit is what is changed; the zero value for a base row of its own.
	Edit config.Edit `json:"edit,omitzero"`

	// applies says why the variant cannot be made of a configuration; nil: it can
	// of any.
	applies func(c config.Config) error
}

// Suite is a list of variants of a configuration.
type Suite struct {
	// Name is what the command calls it.
	Name string
	// Summary says in a line what is varied.
	Summary string

	// needs reports a configuration in which the variants would change nothing that
	// is computed; nil: it takes any.
	needs func(c config.Config) error
	// variants are those of a configuration.
	variants func(c config.Config) []Variant
}

// All lists the suites of the registry.
func All() []Suite { return slices.Clone(suites) }

// Lookup finds a suite by name. The error lists the known names.
func Lookup(name string) (Suite, error) {
	return registry.Find("suite", name, suites, func(s Suite) string { return s.Name })
}

// set is an edit of a field.
func set(field string, value any) config.Edit { return config.Edit{Field: field, Value: value} }

// LeftOut is a variant that a configuration cannot have, and why.
type LeftOut struct {
	Variant Variant
	Reason  error
}

// Row is a variant with its configuration.
type Row struct {
	Variant
	// Config is that of the first seed.
	Config config.Config
	// Base says that it is the configuration as it was given, what the others are
	// compared with.
	Base bool
}

// Rows makes the variants of a configuration. One of them may be the
// configuration itself, and is the base row then; else a row "base" comes first.
// A suite whose edits concern nothing that the configuration computes, and any
// other edit that changes nothing, is an error.
func (s Suite) Rows(c config.Config) ([]Row, []LeftOut, error) {
	if s.needs != nil {
		if err := s.needs(c); err != nil {
			return nil, nil, fmt.Errorf("suite %s: %w", s.Name, err)
		}
	}
	var rows []Row
	var out []LeftOut
	names := make(map[string]string) // by configuration
	names[c.ID()] = ""
	for _, v := range s.variants(c) {
		if v.applies != nil {
			if err := v.applies(c); err != nil {
				out = append(out, LeftOut{v, err})
				continue
			}
		}
		edited, err := v.Edit.Apply(c)
		base := errors.Is(err, config.ErrChangesNothing) && names[c.ID()] == ""
		if err != nil && !base {
			return nil, nil, fmt.Errorf("suite %s, variant %s: %w", s.Name, v.Name, err)
		}
		if err := edited.Validate(); err != nil {
			return nil, nil, fmt.Errorf("suite %s, variant %s: %w", s.Name, v.Name, err)
		}
		if other := names[edited.ID()]; other != "" {
			return nil, nil, fmt.Errorf("suite %s: variants %s and %s are the same configuration", s.Name, other, v.Name)
		}
		names[edited.ID()] = v.Name
		rows = append(rows, Row{v, edited, base})
	}
	if names[c.ID()] == "" {
		rows = slices.Insert(rows, 0, Row{Variant{Name: "base", Summary: "the configuration as it was given"}, c, true})
	}
	if len(rows) == 1 {
		return nil, nil, fmt.Errorf("suite %s: nothing to compare with the base row: %w", s.Name, reasons(out))
	}
	return rows, out, nil
}

// reasons joins why variants are left out.
func reasons(out []LeftOut) error {
	errs := make([]error, len(out))
	for i, o := range out {
		errs[i] = fmt.Errorf("%s: %w", o.Variant.Name, o.Reason)
	}
	return errors.Join(errs...)
}
