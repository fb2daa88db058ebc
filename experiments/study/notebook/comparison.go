package notebook

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/runs"
	"github.com/reciprocalnorm/rn/plots"
)

// Comparison holds the results of the variants of a plan, in target accuracy at the
// last step. Its methods panic on a variant that is not in the plan.
type Comparison struct {
	// Table is the table of rn ablate table.
	Table ablations.Table

	plan   ablations.Plan
	groups map[string]ablations.Group // by variant
}

// Compare compares variants of a suite over several seeds; without names, all of
// them. It reuses results stored in env.Out, of any version of the code, and trains
// the missing runs with live curves.
func Compare(ctx context.Context, suite string, c config.Config, seeds int, env environment.Environment, variants ...string) (Comparison, error) {
	s, err := ablations.Lookup(suite)
	if err != nil {
		return Comparison{}, err
	}
	p, err := s.Plan(c, seeds, variants...)
	if err != nil {
		return Comparison{}, err
	}
	live := newLiveFigure(fmt.Sprintf("%s: %s → %s, %s", suite, c.Source, c.Target, c.Objective))
	defer live.clear()
	all := p.Jobs(ablations.Shard{})
	jobs := make([]runs.Job, len(all))
	for i, j := range all {
		jobs[i] = runs.Job{Name: j.String(), Config: j.Config}
	}
	results, err := do(ctx, jobs, env, live)
	if err != nil {
		return Comparison{}, err
	}
	var records []ablations.Record
	for i, r := range results {
		records = append(records, ablations.Record{Suite: suite, Variant: all[i].Variant, Base: &p.Base, Result: r})
	}
	return newComparison(p, records)
}

// runs shows the progress of several runs.
func (l *liveFigure) runs(p runs.Progress) {
	l.mu.Lock()
	l.status = ""
	if p.Runs > 1 {
		l.status = fmt.Sprintf("%d of %d runs are done", p.Reused+p.Done, p.Runs)
		if p.Left > 0 {
			l.status += fmt.Sprintf(", %v left", p.Left.Round(time.Second))
		}
	}
	l.mu.Unlock()
	switch {
	case p.Preparing != "":
		l.preparing(p.Preparing)
	case p.Step.Step > 0:
		l.progress(p.Job.Name)(p.Step)
	}
}

// newComparison groups the records of the plan's runs by variant.
func newComparison(p ablations.Plan, records []ablations.Record) (Comparison, error) {
	c := Comparison{plan: p, groups: make(map[string]ablations.Group)}
	for _, r := range records {
		if c.groups[r.Variant] == nil {
			c.groups[r.Variant] = make(ablations.Group)
		}
		c.groups[r.Variant][r.Seed] = r.Result
	}
	tables, err := ablations.Tables(records, ablations.Selection{Suite: p.Suite.Name})
	if err != nil {
		return Comparison{}, err
	}
	c.Table = tables[0]
	return c, nil
}

// group returns the results of a variant by seed.
func (c Comparison) group(variant string) ablations.Group {
	g, ok := c.groups[variant]
	if !ok {
		var names []string
		for _, row := range c.plan.Rows {
			names = append(names, row.Name)
		}
		panic(registry.Unknown("variant", variant, names))
	}
	return g
}

// Result returns the result of a variant with the first seed.
func (c Comparison) Result(variant string) record.Result {
	g := c.group(variant)
	return g[g.Seeds()[0]]
}

// values returns the accuracies of a variant by seed.
func (c Comparison) values(variant string) map[int64]float64 {
	values := make(map[int64]float64)
	for seed, r := range c.group(variant) {
		values[seed] = r.Accuracy.Last
	}
	return values
}

// Accuracy returns the mean accuracy of a variant over its seeds.
func (c Comparison) Accuracy(variant string) float64 {
	g := c.group(variant)
	var accuracies []float64
	for _, seed := range g.Seeds() {
		accuracies = append(accuracies, g[seed].Accuracy.Last)
	}
	return stat.Mean(accuracies, nil)
}

// Versus returns the difference between two variants, paired by seed.
func (c Comparison) Versus(variant, base string) ablations.Difference {
	return *ablations.Compare(c.values(variant), c.values(base))
}

// Sentence states the difference between two variants, and whether its confidence
// interval contains 0.
func (c Comparison) Sentence(variant, base string) string {
	d := c.Versus(variant, base)
	direction := "above"
	if d.Mean < 0 {
		direction = "below"
	}
	text := fmt.Sprintf("%s is %.1f points %s %s", variant, max(100*d.Mean, -100*d.Mean), direction, base)
	switch {
	case d.Low == nil:
		return text + " (one seed)"
	case *d.Low <= 0 && *d.High >= 0:
		return fmt.Sprintf("%s; the 95 %% interval over %d seeds, %+.1f to %+.1f, includes 0", text, d.N, 100**d.Low, 100**d.High)
	default:
		return fmt.Sprintf("%s; the 95 %% interval over %d seeds, %+.1f to %+.1f, excludes 0", text, d.N, 100**d.Low, 100**d.High)
	}
}

// Text returns the table in Markdown.
func (c Comparison) Text() string {
	format := Must(ablations.LookupFormat("markdown"))
	var b strings.Builder
	Check(format.Write(&b, []ablations.Table{c.Table}, Must(record.LookupChoice("last"))))
	return b.String()
}

// maxBands is the largest number of curves drawn with bands; more would hide each
// other.
const maxBands = 3

// Curves draws the accuracies over training, one line per variant. Up to three lines
// have a band over seeds.
func (c Comparison) Curves(o plots.Options) (*plots.Figure, error) {
	var series []plots.Series
	for _, row := range c.plan.Rows {
		s, g := plots.Series{Name: row.Name}, c.group(row.Name)
		for _, seed := range g.Seeds() {
			s.X = nil
			var y []float64
			for _, p := range g[seed].Points {
				s.X, y = append(s.X, float64(p.Step)), append(y, p.Target.Accuracy)
			}
			s.Runs = append(s.Runs, y)
		}
		series = append(series, s)
	}
	band := plots.BandStd
	if len(series) > maxBands {
		band = plots.BandNone
	}
	return plots.Curves(series, plots.CurveOptions{Options: o, XLabel: "step", YLabel: "target accuracy", Percent: true, Band: band})
}
