package figures

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/plots"
)

// taskOf names the task of a configuration.
func taskOf(c config.Config) string { return c.Source + " → " + c.Target }

// run is the data that identifies a run in a figure.
type run struct {
	config config.Config
	// group identifies the results with which the run is averaged; data is the digest
	// of the test data. Both are empty if only the configuration is known.
	group, data string
}

// runOf identifies the run of a result.
func runOf(r record.Result) run { return run{r.Config, r.GroupID(), r.Digests[record.DigestTest]} }

// runsOf identifies the runs of results.
func runsOf(results []record.Result) []run {
	out := make([]run, len(results))
	for i, r := range results {
		out[i] = runOf(r)
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
func Differences(c config.Config) []Difference {
	changes, base, _ := c.FromRecipe() // an unknown recipe, of another version of the code, lists every setting
	var all []Difference
	for _, path := range changes {
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
func Common(configs []config.Config) []Difference {
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

// labels names the runs of a figure by their differences.
type labels struct {
	tasks, objectives bool            // the runs have several
	common            []Difference    // all runs have these: names leave them out
	several           map[string]bool // ids of configurations that ran on several data sets
}

// newLabels compares the runs of a figure.
func newLabels(runs []run) labels {
	l := labels{several: make(map[string]bool)}
	groups := make(map[string]string) // by configuration
	var configs []config.Config
	for _, r := range runs {
		configs = append(configs, r.config)
		l.tasks = l.tasks || taskOf(r.config) != taskOf(runs[0].config)
		l.objectives = l.objectives || r.config.Objective != runs[0].config.Objective
		id := variantOf(r.config)
		if group, seen := groups[id]; seen && group != r.group {
			l.several[id] = true
		}
		groups[id] = r.group
	}
	l.common = Common(configs)
	return l
}

// variantOf returns the id of a configuration without its seed.
func variantOf(c config.Config) string {
	c.Seed = 0
	return c.ID()
}

// group names the task of a run, and the objective if the runs have several.
func (l labels) group(r run) string {
	name := taskOf(r.config)
	if l.several[variantOf(r.config)] {
		name += fmt.Sprintf(" (data %.6s)", r.data)
	}
	if l.objectives {
		return name + ", " + r.config.Objective
	}
	return name
}

// norm names a run within its group: its norm, and the settings that differ from the
// recipe unless all runs share them.
func (l labels) norm(r run) string {
	name := r.config.Norm
	for _, d := range Differences(r.config) {
		if !slices.Contains(l.common, d) {
			name += ", " + d.Field[strings.LastIndex(d.Field, ".")+1:] + " " + d.Value
		}
	}
	return name
}

// series names a run by its norm and by everything that differs between the runs.
func (l labels) series(r run) string {
	parts := []string{l.norm(r)}
	if l.objectives {
		parts = append(parts, r.config.Objective)
	}
	if l.tasks {
		parts = append(parts, taskOf(r.config))
	}
	if l.several[variantOf(r.config)] {
		parts = append(parts, fmt.Sprintf("data %.6s", r.data))
	}
	return strings.Join(parts, ", ")
}

// labelled is a number measured in a run.
type labelled struct {
	run   run
	value float64
}

// groupsOf groups numbers by task and objective, and by norm within a group, with one
// value per seed. It returns an error if a group lacks a norm that another group has.
func groupsOf(values []labelled) ([]plots.Group, error) {
	if len(values) == 0 {
		return nil, errors.New("no runs to draw")
	}
	runs := make([]run, len(values))
	for i, v := range values {
		runs[i] = v.run
	}
	l := newLabels(runs)
	var groups, norms []string
	cells := make(map[[2]string][]float64)
	add := func(names *[]string, name string) {
		if !slices.Contains(*names, name) {
			*names = append(*names, name)
		}
	}
	for _, v := range values {
		group, norm := l.group(v.run), l.norm(v.run)
		add(&groups, group)
		add(&norms, norm)
		cells[[2]string{group, norm}] = append(cells[[2]string{group, norm}], v.value)
	}
	out := make([]plots.Group, len(groups))
	for i, group := range groups {
		out[i].Name = group
		for _, norm := range norms {
			values := cells[[2]string{group, norm}]
			if len(values) == 0 {
				return nil, fmt.Errorf("%s has no run of %s, but others have one: select runs with the same norms", group, norm)
			}
			out[i].Bars = append(out[i].Bars, plots.Bar{Name: norm, Runs: values})
		}
	}
	return out, nil
}
