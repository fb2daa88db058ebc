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
	// Name is the variant's name in tables and result files.
	Name string `json:"name"`
	// Summary describes the variant in a line, and says which reading it is where a
	// paper allows several.
	Summary string `json:"summary"`
	// Edit is the change; zero for a separate base row.
	Edit config.Edit `json:"edit,omitzero"`

	// applies returns an error if the variant does not apply to a configuration. A
	// nil function means that it applies to all.
	applies func(c config.Config) error
}

// Suite makes variants of a configuration.
type Suite struct {
	// Name is the suite's name in the command.
	Name string
	// Summary says in a line what the variants vary.
	Summary string

	// needs returns an error for a configuration whose computation the variants would
	// not change. A nil function accepts all.
	needs func(c config.Config) error
	// variants lists the variants of a configuration.
	variants func(c config.Config) []Variant
}

// All lists the suites of the registry.
func All() []Suite { return slices.Clone(suites) }

// Lookup finds a suite by name. The error lists the known names.
func Lookup(name string) (Suite, error) {
	return registry.Find("suite", name, suites, func(s Suite) string { return s.Name })
}

// set returns the edit that sets a field.
func set(field string, value any) config.Edit { return config.Edit{Field: field, Value: value} }

// LeftOut is a variant that does not apply to a configuration, and the reason.
type LeftOut struct {
	Variant Variant
	Reason  error
}

// Row is a variant with its configuration.
type Row struct {
	Variant
	// Config is the edited configuration, with the first seed.
	Config config.Config
	// Base marks the unedited configuration, which the other rows are compared with.
	Base bool
}

// Rows makes the variants of a configuration, and lists those that do not apply to it.
// If one variant is the configuration itself, it is the base row; else a row "base"
// comes first. Rows returns an error if the suite varies nothing that the
// configuration computes, or if another edit changes nothing.
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
		rows = slices.Insert(rows, 0, Row{Variant{Name: "base", Summary: "the configuration itself"}, c, true})
	}
	if len(rows) == 1 {
		return nil, nil, fmt.Errorf("suite %s: nothing to compare with the base row: %w", s.Name, reasons(out))
	}
	return rows, out, nil
}

// reasons joins the reasons for which variants do not apply.
func reasons(out []LeftOut) error {
	errs := make([]error, len(out))
	for i, o := range out {
		errs[i] = fmt.Errorf("%s: %w", o.Variant.Name, o.Reason)
	}
	return errors.Join(errs...)
}
