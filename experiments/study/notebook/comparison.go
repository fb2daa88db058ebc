package notebook

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// Comparison is what the variants of a plan came to, in target accuracy at the
// last step. Its methods panic on a variant that the plan does not have.
type Comparison struct {
	// Table is that of `rn ablate table`.
	Table ablations.Table

	plan   ablations.Plan
	groups map[string]ablations.Group // by variant
}

// Compare does the runs of a suite's variants that are missing in env.Out, as `rn
// ablate` does, with live curves. Results of other versions of the code count.
// Without names it is all variants.
func Compare(ctx context.Context, suite string, c experiments.Config, seeds int, env experiments.Environment, variants ...string) (Comparison, error) {
	s, err := ablations.Lookup(suite)
	if err != nil {
		return Comparison{}, err
	}
	p, err := s.Plan(c, seeds, variants...)
	if err != nil {
		return Comparison{}, err
	}
	live := NewLive(fmt.Sprintf("%s: %s → %s, %s", suite, c.Source, c.Target, c.Objective))
	defer live.Clear()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	err = p.Run(ctx, ablations.Options{Environment: env, AnyVersion: true, Warn: live.Warn, Progress: live.plan})
	if err != nil {
		return Comparison{}, err
	}
	records, err := ablations.Read(env.Out)
	if err != nil {
		live.Warn(err) // what could be read has all runs
	}
	return newComparison(p, ablations.AnyVersion(records))
}

// plan shows the progress of a plan.
func (l *Live) plan(p ablations.Progress) {
	l.mu.Lock()
	l.status = fmt.Sprintf("%d of %d runs are done", p.Had+p.Done, p.Runs)
	if p.Left > 0 {
		l.status += fmt.Sprintf(", %v left", p.Left.Round(time.Second))
	}
	l.mu.Unlock()
	if p.Preparing == "" && p.Step.Step > 0 {
		l.Progress(p.Job.String())(p.Step)
	}
}

// newComparison takes the records of the plan's runs.
func newComparison(p ablations.Plan, records []ablations.Record) (Comparison, error) {
	variants := make(map[string]string) // by configuration
	for _, j := range p.Jobs(ablations.Shard{}) {
		variants[j.Config.ID()] = j.Variant
	}
	c := Comparison{plan: p, groups: make(map[string]ablations.Group)}
	var kept []ablations.Record
	for _, r := range records {
		name, wanted := variants[r.Config.ID()]
		if !wanted {
			continue
		}
		if c.groups[name] == nil {
			c.groups[name] = make(ablations.Group)
		}
		c.groups[name][r.Seed] = r.Result
		r.Suite, r.Base = p.Suite.Name, &p.Base // it may have been run for another suite, or for none
		kept = append(kept, r)
	}
	tables, err := ablations.Tables(kept, ablations.Selection{Suite: p.Suite.Name})
	if err != nil {
		return Comparison{}, err
	}
	c.Table = tables[0]
	return c, nil
}

// group are the results of a variant.
func (c Comparison) group(variant string) ablations.Group {
	g, ok := c.groups[variant]
	if !ok {
		var names []string
		for _, row := range c.plan.Rows {
			names = append(names, row.Name)
		}
		panic(fmt.Sprintf("the comparison has no variant %q: it has %s", variant, strings.Join(names, ", ")))
	}
	return g
}

// Result is that of a variant with the first seed.
func (c Comparison) Result(variant string) experiments.Result {
	g := c.group(variant)
	return g[g.Seeds()[0]]
}

// values are the accuracies of a variant by seed.
func (c Comparison) values(variant string) map[int64]float64 {
	values := make(map[int64]float64)
	for seed, r := range c.group(variant) {
		values[seed] = r.Accuracy.Last
	}
	return values
}

// Accuracy is the mean over seeds of a variant's accuracies.
func (c Comparison) Accuracy(variant string) float64 {
	sum := 0.0
	for _, v := range c.values(variant) {
		sum += v
	}
	return sum / float64(len(c.values(variant)))
}

// Versus is the difference of a variant to another, paired by seed.
func (c Comparison) Versus(variant, base string) ablations.Difference {
	return *ablations.Compare(c.values(variant), c.values(base))
}

// Sentence says how a variant differs from another, and whether seeds tell the
// difference from none.
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
		return fmt.Sprintf("%s, which %d seeds do not tell from 0 (95 %% interval %+.1f to %+.1f)", text, d.N, 100**d.Low, 100**d.High)
	default:
		return fmt.Sprintf("%s with %d seeds (95 %% interval %+.1f to %+.1f)", text, d.N, 100**d.Low, 100**d.High)
	}
}

// Text is the table in Markdown.
func (c Comparison) Text() string {
	format := Must(ablations.LookupFormat("markdown"))
	var b strings.Builder
	Check(format.Write(&b, []ablations.Table{c.Table}, Must(experiments.LookupChoice("last"))))
	return b.String()
}

// maxBands is the number of curves whose bands do not hide each other.
const maxBands = 3

// Curves draws the accuracies over training: a line a variant, with its band over
// seeds where there are few.
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
