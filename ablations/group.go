package ablations

import (
	"maps"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/score"
)

// Metric is a number of the evaluation at a run's chosen checkpoint.
type Metric struct {
	// Name is the metric's name in files, Label in tables.
	Name, Label string

	of func(score.Evaluation) float64
}

// metrics is the one list of metrics.
var metrics = []Metric{
	{"accuracy", "target accuracy", func(e score.Evaluation) float64 { return e.Accuracy }},
	{"mean_recall", "mean per-class recall", func(e score.Evaluation) float64 { return e.MeanRecall }},
}

// Metrics lists the metrics, target accuracy first.
func Metrics() []Metric { return slices.Clone(metrics) }

// Group is the results of one configuration on one data set, by seed.
type Group map[int64]record.Result

// Groups groups results by everything but the seed and the version of the code:
// configuration, data, weights, kind of backend, devices. Groups come in order of
// first appearance. A group has the latest result of each seed.
func Groups(results []record.Result) []Group {
	at := make(map[string]int)
	var groups []Group
	for _, r := range record.LatestOfEach(results) {
		id := r.GroupID()
		i, seen := at[id]
		if !seen {
			i = len(groups)
			at[id] = i
			groups = append(groups, Group{})
		}
		groups[i][r.Seed] = r
	}
	return groups
}

// First is the result with the lowest seed.
func (g Group) First() record.Result { return g[g.Seeds()[0]] }

// Values returns a metric at a choice of the checkpoint, by seed. It returns nil if
// the choice needs a score that a run lacks; see record.Choice.Of.
func (g Group) Values(m Metric, c record.Choice) map[int64]float64 {
	values := make(map[int64]float64)
	for seed, r := range g {
		i, ok := c.Of(r.Points)
		if !ok {
			return nil
		}
		values[seed] = m.of(r.Points[i].Target)
	}
	return values
}

// Summary summarizes the group's [Group.Values]; it returns nil without values.
func (g Group) Summary(m Metric, c record.Choice) *Summary {
	values := g.Values(m, c)
	if len(values) == 0 {
		return nil
	}
	s := Summarize(inOrder(values))
	return &s
}

// Seconds is the mean wall time of a run.
func (g Group) Seconds() float64 {
	seconds := make(map[int64]float64)
	for seed, r := range g {
		seconds[seed] = r.Seconds
	}
	return Summarize(inOrder(seconds)).Mean
}

// Seeds lists the seeds in increasing order.
func (g Group) Seeds() []int64 { return seeds(g) }

// seeds lists the keys in increasing order.
func seeds[V any](values map[int64]V) []int64 { return slices.Sorted(maps.Keys(values)) }

// inOrder lists values in the order of their seeds, so that sums round the same way
// every time.
func inOrder(values map[int64]float64) []float64 {
	var out []float64
	for _, seed := range seeds(values) {
		out = append(out, values[seed])
	}
	return out
}
