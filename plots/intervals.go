package plots

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Interval is an estimate with its confidence interval, Low ≤ Mean ≤ High.
type Interval struct{ Mean, Low, High float64 }

// Variant is one row of [Intervals].
type Variant struct {
	// Name stands at the left.
	Name string
	// Metrics holds one estimate per metric, in the order of the options.
	Metrics []Interval
}

// Metric is one panel of [Intervals].
type Metric struct {
	// Label names the axis.
	Label string
	// Percent shows values, given as fractions, times 100 and adds "(%)" to
	// Label.
	Percent bool
}

// IntervalOptions are the settings of [Intervals].
type IntervalOptions struct {
	Options
	// Metrics are the panels, from the left; at least one is required.
	Metrics []Metric
	// Base is the name of the row to compare the others with. Its name is bold,
	// and a dashed line runs through its means. Empty means no such row.
	Base string
	// Note says what the intervals are; empty means "mean, 95 % confidence
	// interval".
	Note string
}

// Intervals draws the rows of an ablation as dots with confidence intervals, in
// one panel per metric. The axes fit the data and need not include 0: compare
// positions, not lengths.
//
// Intervals returns an error if there is nothing to draw, if two variants share
// a name, if a variant has another number of metrics than the options, if an
// interval is not finite or does not contain its mean, if Base is not a
// variant, or if texts do not fit the figure.
func Intervals(variants []Variant, opts IntervalOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if opts.Note == "" {
		opts.Note = "mean, 95 % confidence interval"
	}
	names := namesOf(variants, func(v Variant) string { return v.Name })
	if err := opts.check(names); err != nil {
		return nil, err
	}
	for _, v := range variants {
		if err := v.check(opts.Metrics); err != nil {
			return nil, fmt.Errorf("variant %q: %w", v.Name, err)
		}
	}
	chart := newRowChart(k, names, 1)
	chart.pitch *= 1.25 // few rows with whiskers
	chart.base = slices.Index(names, opts.Base)
	for j, m := range opts.Metrics {
		estimates := make([]Interval, len(variants))
		for i, v := range variants {
			estimates[i] = v.Metrics[j]
		}
		chart.panels = append(chart.panels, chart.metric(m, estimates))
	}
	note := opts.Note
	if chart.base >= 0 {
		note += " · dashed: " + opts.Base
	}
	return chart.figure(o, note, "Ablation")
}

// metric returns the panel of a metric, with the interval of every row.
func (r *rowChart) metric(m Metric, rows []Interval) rowPanel {
	p := rowPanel{label: m.Label, x: layout.EmptyRange()}
	unit := 1.0
	if m.Percent {
		unit, p.label = 100, p.label+" (%)"
	}
	if r.base >= 0 {
		p.add(r.upright(r.k.Reference(), rows[r.base].Mean*unit))
	}
	for i, x := range rows {
		x = Interval{Mean: x.Mean * unit, Low: x.Low * unit, High: x.High * unit}
		p.x.Include(x.Low, x.High)
		series := 0
		if i == r.base {
			series = 1
		}
		p.add(r.intervals(series, plotter.XYs{{X: x.Mean, Y: float64(i)}},
			plotter.XErrors{{Low: x.Mean - x.Low, High: x.High - x.Mean}})...)
	}
	p.x = p.x.Padded()
	return p
}

func (o IntervalOptions) check(variants []string) error {
	if err := checkNames("variant", variants); err != nil {
		return err
	}
	if len(o.Metrics) == 0 {
		return errors.New("no Metrics; name at least one")
	}
	for i, m := range o.Metrics {
		if err := checkName(fmt.Sprintf("Label of metric %d", i), m.Label); err != nil {
			return err
		}
	}
	if o.Base != "" && !slices.Contains(variants, o.Base) {
		return fmt.Errorf("variants %q do not include Base %q", variants, o.Base)
	}
	return layout.CheckText("Note", o.Note)
}

func (v Variant) check(metrics []Metric) error {
	if len(v.Metrics) != len(metrics) {
		return fmt.Errorf("%d estimates for %d metrics", len(v.Metrics), len(metrics))
	}
	for j, x := range v.Metrics {
		if err := x.check(); err != nil {
			return fmt.Errorf("%s: %w", metrics[j].Label, err)
		}
	}
	return nil
}

func (x Interval) check() error {
	for _, v := range []float64{x.Mean, x.Low, x.High} {
		if err := checkValue(v); err != nil {
			return err
		}
	}
	if slack := 1e-9 * math.Abs(x.Mean); x.Mean < x.Low-slack || x.Mean > x.High+slack {
		return fmt.Errorf("the interval [%g, %g] does not contain the mean %g", x.Low, x.High, x.Mean)
	}
	return nil
}
