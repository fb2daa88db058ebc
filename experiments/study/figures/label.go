package figures

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// taskOf names a task.
func taskOf(c experiments.Config) string { return c.Source + " → " + c.Target }

// variantOf is the id of a configuration but for its seed: runs that share it are
// averaged.
func variantOf(c experiments.Config) string {
	c.Seed = 0
	return c.ID()
}

// latest leaves the last of several results of the same configuration, in order
// of first appearance.
func latest(results []experiments.Result) []experiments.Result {
	at := make(map[string]int)
	var out []experiments.Result
	for _, r := range results {
		id := r.Config.ID()
		if i, seen := at[id]; seen {
			out[i] = r
			continue
		}
		at[id] = len(out)
		out = append(out, r)
	}
	return out
}

// Difference is a field of a configuration that is not its recipe's.
type Difference struct {
	// Field is the field's path in JSON, Value and Recipe what the configuration and
	// its recipe have.
	Field, Value, Recipe string
}

// Differences lists what of a configuration is not its recipe's, but for norm,
// objective and seed.
func Differences(c experiments.Config) []Difference {
	base, err := experiments.Task{Recipe: c.Recipe, Source: c.Source, Target: c.Target, Features: c.Network.Features}.Default()
	if err != nil { // of another version of the code: all of it is told
		base = experiments.Config{Recipe: c.Recipe, Source: c.Source, Target: c.Target}
	}
	base.Norm, base.Objective, base.Seed = c.Norm, c.Objective, c.Seed
	var all []Difference
	for _, path := range ablations.Changes(base, c) {
		all = append(all, Difference{path, valueText(c.Field(path)), valueText(base.Field(path))})
	}
	return all
}

// valueText is the value of a field.
func valueText(v any) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(v)
}

// Common are the differences that all configurations have.
func Common(configs []experiments.Config) []Difference {
	if len(configs) == 0 {
		return nil
	}
	common := Differences(configs[0])
	for _, c := range configs {
		own := Differences(c)
		common = slices.DeleteFunc(common, func(d Difference) bool { return !slices.Contains(own, d) })
	}
	return common
}

// labels name the configurations of a figure by what tells them apart.
type labels struct {
	tasks, objectives bool         // there are several
	common            []Difference // is not told
}

// newLabels looks at all configurations of a figure.
func newLabels(configs []experiments.Config) labels {
	l := labels{common: Common(configs)}
	for _, c := range configs {
		l.tasks = l.tasks || taskOf(c) != taskOf(configs[0])
		l.objectives = l.objectives || c.Objective != configs[0].Objective
	}
	return l
}

// group names what a configuration is of beside its norm.
func (l labels) group(c experiments.Config) string {
	if l.objectives {
		return taskOf(c) + ", " + c.Objective
	}
	return taskOf(c)
}

// norm names a configuration within its group: its norm, and what else is not
// the recipe's.
func (l labels) norm(c experiments.Config) string {
	name := c.Norm
	for _, d := range Differences(c) {
		if !slices.Contains(l.common, d) {
			name += ", " + d.Field[strings.LastIndex(d.Field, ".")+1:] + " " + d.Value
		}
	}
	return name
}

// series names a configuration by all that tells it apart.
func (l labels) series(c experiments.Config) string {
	parts := []string{l.norm(c)}
	if l.objectives {
		parts = append(parts, c.Objective)
	}
	if l.tasks {
		parts = append(parts, taskOf(c))
	}
	return strings.Join(parts, ", ")
}

// labelled is a number of a run.
type labelled struct {
	config experiments.Config
	value  float64
}

// groupsOf groups numbers by task and objective, and within by norm, with a value
// a seed. Every group has every norm, or it is an error that says what lacks.
func groupsOf(values []labelled) ([]plots.Group, error) {
	if len(values) == 0 {
		return nil, errors.New("there are no runs to draw")
	}
	configs := make([]experiments.Config, len(values))
	for i, v := range values {
		configs[i] = v.config
	}
	l := newLabels(configs)
	var groups, norms []string
	cells := make(map[[2]string][]float64)
	add := func(names *[]string, name string) {
		if !slices.Contains(*names, name) {
			*names = append(*names, name)
		}
	}
	for _, v := range values {
		group, norm := l.group(v.config), l.norm(v.config)
		add(&groups, group)
		add(&norms, norm)
		cells[[2]string{group, norm}] = append(cells[[2]string{group, norm}], v.value)
	}
	out := make([]plots.Group, len(groups))
	for i, group := range groups {
		out[i].Name = group
		for _, norm := range norms {
			runs := cells[[2]string{group, norm}]
			if len(runs) == 0 {
				return nil, fmt.Errorf("%s has no run of %s, which others have: choose runs that all have the same norms", group, norm)
			}
			out[i].Bars = append(out[i].Bars, plots.Bar{Name: norm, Runs: runs})
		}
	}
	return out, nil
}
