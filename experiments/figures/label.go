package figures

import (
	"errors"
	"fmt"
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

// labels name the configurations of a figure by what tells them apart.
type labels struct {
	tasks, objectives bool              // there are several
	more              map[string]string // what else tells a variant apart from the first of its norm, by variantOf
}

// newLabels looks at all configurations of a figure.
func newLabels(configs []experiments.Config) labels {
	l := labels{more: make(map[string]string)}
	first := make(map[string]experiments.Config) // that has a task, objective and norm first
	for _, c := range configs {
		l.tasks = l.tasks || taskOf(c) != taskOf(configs[0])
		l.objectives = l.objectives || c.Objective != configs[0].Objective
		key := taskOf(c) + "\n" + c.Objective + "\n" + c.Norm
		other, seen := first[key]
		if !seen {
			first[key] = c
			continue
		}
		other.Seed = c.Seed
		for _, path := range ablations.Changes(other, c) {
			l.more[variantOf(c)] += fmt.Sprintf(", %s %v", path[strings.LastIndex(path, ".")+1:], c.Field(path))
		}
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

// norm names a configuration within its group.
func (l labels) norm(c experiments.Config) string { return c.Norm + l.more[variantOf(c)] }

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
		for _, have := range *names {
			if have == name {
				return
			}
		}
		*names = append(*names, name)
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
