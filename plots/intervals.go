package plots

import (
	"errors"
	"fmt"
	"math"
)

// Interval is an estimate with its confidence interval, Low ≤ Mean ≤ High.
type Interval struct{ Mean, Low, High float64 }

// Variant is one row of [Intervals].
type Variant struct {
	// Name stands at the left.
	Name string
	// Metrics holds an estimate a metric, in the order of the options' metrics.
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
	// Base is the name of the row that the others are compared with: its name
	// is bold and a dashed line goes through its means. Empty means none.
	Base string
	// Note says what the intervals are; empty means "mean, 95 % confidence
	// interval".
	Note string
}

// Intervals draws the rows of an ablation as dots with confidence intervals, a
// panel a metric. Axes span the data and leave 0 out where it is far; lengths
// are not to be compared, places are.
//
// It fails where there is nothing to draw, two variants of one name, a variant
// with another number of metrics, an interval that is not finite or does not
// hold its mean, a base that is no variant, or texts do not fit the figure.
func Intervals(variants []Variant, opts IntervalOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if opts.Note == "" {
		opts.Note = "mean, 95 % confidence interval"
	}
	if err := checkVariants(variants, opts); err != nil {
		return nil, err
	}
	names := make([]string, len(variants))
	chart := newRowChart(col, names, 1)
	chart.pitch *= 1.25 // few rows with whiskers
	for i, v := range variants {
		names[i] = v.Name
		if v.Name == opts.Base {
			chart.base = i
		}
	}
	for j, m := range opts.Metrics {
		p := rowPanel{label: m.Label, x: emptyRange()}
		scale := 1.0
		if m.Percent {
			scale, p.label = 100, p.label+" (%)"
		}
		for i, v := range variants {
			x := v.Metrics[j]
			p.extend(x.Low*scale, x.High*scale)
			series := 0
			if i == chart.base {
				series = 1
				p.lines = append(p.lines, rowLine{at: x.Mean * scale, style: reference(col)})
			}
			p.marks = append(p.marks, intervalMark(col, series, i, 0, x.Mean*scale, x.Low*scale, x.High*scale))
		}
		p.x = padded(p.x)
		chart.panels = append(chart.panels, p)
	}
	note := opts.Note
	if chart.base >= 0 {
		note += " · dashed: " + opts.Base
	}
	return chart.figure(o, note, nil, "Ablation")
}

func checkVariants(variants []Variant, o IntervalOptions) error {
	names := make([]string, len(variants))
	for i, v := range variants {
		names[i] = v.Name
	}
	if err := checkRows("variant", names); err != nil {
		return err
	}
	if len(o.Metrics) == 0 {
		return errors.New("plots: Metrics is empty; name at least one")
	}
	for i, m := range o.Metrics {
		if err := checkName(fmt.Sprintf("Label of metric %d", i), m.Label); err != nil {
			return err
		}
	}
	if err := checkText("Note", o.Note); err != nil {
		return err
	}
	found := o.Base == ""
	for _, v := range variants {
		found = found || v.Name == o.Base
		if len(v.Metrics) != len(o.Metrics) {
			return fmt.Errorf("plots: variant %q has %d metrics, but there are %d", v.Name, len(v.Metrics), len(o.Metrics))
		}
		for j, x := range v.Metrics {
			if err := x.check(); err != nil {
				return fmt.Errorf("plots: variant %q: %s: %w", v.Name, o.Metrics[j].Label, err)
			}
		}
	}
	if !found {
		return fmt.Errorf("plots: Base %q is none of the variants %q", o.Base, names)
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
		return fmt.Errorf("the interval [%g, %g] does not hold the mean %g", x.Low, x.High, x.Mean)
	}
	return nil
}
