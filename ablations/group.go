package ablations

import (
	"maps"
	"slices"

	"github.com/reciprocalnorm/rn/experiments"
)

// Metric is what is measured at the chosen checkpoint of a run.
type Metric struct {
	// Name is what files call it, Label what tables do.
	Name, Label string

	of func(experiments.Evaluation) float64
}

// metrics is the one list of them.
var metrics = []Metric{
	{"accuracy", "target accuracy", func(e experiments.Evaluation) float64 { return e.Accuracy }},
	{"mean_recall", "mean per-class recall", func(e experiments.Evaluation) float64 { return e.MeanRecall }},
}

// Metrics lists them.
func Metrics() []Metric { return slices.Clone(metrics) }

// Group is the results of a configuration, by seed.
type Group map[int64]experiments.Result

// Groups groups results by everything but the seed, in order of first
// appearance. Of several results with the same id the last counts.
func Groups(results []experiments.Result) []Group {
	at := make(map[string]int)
	var groups []Group
	for _, r := range results {
		id := groupOf(r.Config)
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

// Values are those of a metric at a choice of the checkpoint, by seed. They are
// nil if a run has no such choice; see experiments.Choice.Of.
func (g Group) Values(m Metric, c experiments.Choice) map[int64]float64 {
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

// Summary sums a metric up at a choice of the checkpoint; nil if there is none.
func (g Group) Summary(m Metric, c experiments.Choice) *Summary {
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

// Seeds are those of the results, in order.
func (g Group) Seeds() []int64 { return seeds(g) }

// seeds are the keys, in order.
func seeds[V any](values map[int64]V) []int64 { return slices.Sorted(maps.Keys(values)) }

// inOrder are values in the order of their seeds, so that sums have one order.
func inOrder(values map[int64]float64) []float64 {
	var out []float64
	for _, seed := range seeds(values) {
		out = append(out, values[seed])
	}
	return out
}
