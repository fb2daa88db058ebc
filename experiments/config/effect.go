package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Paths in JSON of the options of norms and objectives.
const (
	normOptions      = "norm_options."
	objectiveOptions = "objective_options."
)

// Idle is a field that differs from the recipe although nothing reads it. Two
// configurations that differ in it alone train the same network under two ids.
type Idle struct {
	Field string // path in JSON
	Value any
	// Reason says what the field would need.
	Reason string
}

// Error implements error.
func (i Idle) Error() string {
	return fmt.Sprintf("%s has no effect: %s", Edit{Field: i.Field, Value: i.Value}, i.Reason)
}

// Idle lists the fields that were changed without effect: options of other norms
// and objectives, and options of RN that another option switches off.
func (c Config) Idle() []Idle {
	changes, _, err := c.FromRecipe()
	if err != nil {
		return nil // an unknown recipe has no defaults to compare with
	}
	var all []Idle
	for _, field := range changes {
		if reason := c.idleReason(field); reason != "" {
			all = append(all, Idle{field, c.Field(field), reason})
		}
	}
	return all
}

// WithoutIdle returns the configuration with the recipe's values in the fields that
// have no effect. It trains the same network.
func (c Config) WithoutIdle() (Config, error) {
	_, base, err := c.FromRecipe()
	if err != nil {
		return c, err
	}
	for _, idle := range c.Idle() {
		if c, err = (Edit{Field: idle.Field, Value: base.Field(idle.Field)}).Set(c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// idleReason says why nothing reads a field, or returns "".
func (c Config) idleReason(field string) string {
	if option, ok := strings.CutPrefix(field, normOptions); ok {
		if reason := unread(option, "norm", c.Norm, normReaders()); reason != "" {
			return reason
		}
		o := c.NormOptions
		switch {
		case option == "own_share" && o.Aggregate:
			return "RN's gates are learned; a fixed share needs --no-aggregation"
		case option == "gate_min" && c.Norm == "rn" && !o.Aggregate:
			return "without aggregation RN has no gates"
		case (option == "distance" || option == "group_size") && !o.Compensate:
			return "without compensation RN compares no channels"
		}
		return ""
	}
	if option, ok := strings.CutPrefix(field, objectiveOptions); ok {
		return unread(option, "objective", c.Objective, objectiveReaders())
	}
	if spec, err := objective.Lookup(c.Objective); field == "ramp_iterations" && err == nil && !spec.Adversarial {
		return fmt.Sprintf("objective %s has no gradient reversal", c.Objective)
	}
	return ""
}

// reader is a norm or an objective with the options that it alone declares.
type reader struct {
	name    string
	options []string
}

// unread says which of the readers read an option, if the named one does not. Options
// that no reader declares are read by all.
func unread(option, kind, name string, readers []reader) string {
	var others []string
	for _, r := range readers {
		switch reads := slices.Contains(r.options, option); {
		case reads && r.name == name:
			return ""
		case reads:
			others = append(others, r.name)
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s does not read it, only %s", kind, name, strings.Join(others, ", "))
}

// normReaders are the norms.
func normReaders() (all []reader) {
	for _, s := range rnlayer.All() {
		all = append(all, reader{s.Name, s.Options})
	}
	return all
}

// objectiveReaders are the objectives.
func objectiveReaders() (all []reader) {
	for _, s := range objective.All() {
		all = append(all, reader{s.Name, s.Options})
	}
	return all
}
