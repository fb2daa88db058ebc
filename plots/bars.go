package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Group is one cluster of bars of [Bars], for example a task.
type Group struct {
	// Name stands under the group.
	Name string
	// Bars are in the order from left to right.
	Bars []Bar
}

// Bar is one bar of a group, for example a norm on that task.
type Bar struct {
	// Name is the series of the bar; it stands in the legend.
	Name string
	// Runs holds one value per run (seed). The bar is their mean, the error bar
	// their sample standard deviation (divisor n − 1). A single run has no
	// error bar.
	Runs []float64
}

// BarOptions are the settings of [Bars].
type BarOptions struct {
	Options
	// YLabel names the axis; it is required.
	YLabel string
	// Percent shows values, given as fractions, times 100 and adds "(%)" to
	// YLabel.
	Percent bool
	// Decimals is the number of decimals of the values above the bars, 0 to 4;
	// nil means 1, as accuracies are usually printed.
	Decimals *int
	// YRange fixes the y axis, in the unit of the data, and must contain bars
	// and error bars; the figure adds room for the printed values. The zero
	// value includes 0, so that the lengths of bars can be compared. The
	// subtitle mentions an axis that does not include 0.
	YRange Range
}

// Bars draws grouped bars: height the mean over runs, error bar ± the sample
// standard deviation, and the mean printed above. Groups that do not fit
// beside each other continue in further rows with the same axis.
//
// All groups need the same bars in the same order. Bars also returns an error if
// there is nothing to draw, if a group has more than eight bars, if a value is
// not finite or outside YRange, or if names and labels do not fit the figure.
func Bars(groups []Group, opts BarOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	if err := checkGroups(groups, k); err != nil {
		return nil, err
	}
	b, err := newBarChart(groups, opts, k)
	if err != nil {
		return nil, err
	}
	note := countRuns(groups).note("mean ± std")
	if b.y.Min > 0 || b.y.Max < 0 {
		note += fmt.Sprintf(" · the axis starts at %s, not at 0", layout.Number(b.y.Min, -1))
	}
	h, err := o.header(k, note, b.legend())
	if err != nil {
		return nil, err
	}
	if err := b.arrange(o.bodyWidth()); err != nil {
		return nil, err
	}
	rowHeight := 45 * vg.Millimeter
	height, err := h.FigureHeight(o.height(), vg.Length(b.rows)*rowHeight)
	if err != nil {
		return nil, err
	}
	around := h.Height() + layout.Margin
	rowHeight = (height - around) / vg.Length(b.rows)
	if rowHeight < layout.LeastHeight {
		return nil, fmt.Errorf("a Height of %g mm is too little for the %d rows that %d groups need; give at least %.0f mm, or 0 for a fitting height",
			o.Height, b.rows, len(groups), math.Ceil(layout.MM(around+vg.Length(b.rows)*layout.LeastHeight)))
	}
	if err := h.CheckLabels(around+rowHeight, "", b.yLabel); err != nil {
		return nil, err
	}
	b.makeRoom(rowHeight)
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		body := h.Body(c)
		for row := range b.rows {
			top := -vg.Length(row) * rowHeight
			b.drawRow(draw.Crop(body, 0, 0, vg.Length(b.rows-1-row)*rowHeight, top), row)
		}
	}
	return newFigure(o, height, k, "Bars of "+opts.YLabel, paint), nil
}

func (o BarOptions) check() error {
	if o.Decimals != nil {
		if err := checkCount("Decimals", *o.Decimals, 0, 4); err != nil {
			return err
		}
	}
	if err := checkName("YLabel", o.YLabel); err != nil {
		return err
	}
	return o.YRange.check("YRange")
}

// checkGroups returns an error unless all groups have a name and the same bars,
// with values that can be drawn.
func checkGroups(groups []Group, k layout.Inks) error {
	if err := checkNames("group", namesOf(groups, func(g Group) string { return g.Name })); err != nil {
		return err
	}
	first := groups[0]
	if err := checkSeries("bar", barNames(first), k); err != nil {
		return fmt.Errorf("group %q: %w", first.Name, err)
	}
	for _, g := range groups {
		if len(g.Bars) != len(first.Bars) {
			return fmt.Errorf("group %q has %d bars, group %q has %d; give all groups the same bars", g.Name, len(g.Bars), first.Name, len(first.Bars))
		}
		for j, b := range g.Bars {
			if want := first.Bars[j].Name; b.Name != want {
				return fmt.Errorf("bar %d is %q in group %q, but %q in group %q; give all groups the same bars in the same order", j, b.Name, g.Name, want, first.Name)
			}
			if len(b.Runs) == 0 {
				return fmt.Errorf("bar %q of group %q has no runs", b.Name, g.Name)
			}
			for r, v := range b.Runs {
				if err := checkValue(v); err != nil {
					return fmt.Errorf("bar %q of group %q: run %d: %w", b.Name, g.Name, r, err)
				}
			}
		}
	}
	return nil
}

func barNames(g Group) []string { return namesOf(g.Bars, func(b Bar) string { return b.Name }) }

func countRuns(groups []Group) runCount {
	var c runCount
	for _, g := range groups {
		for _, b := range g.Bars {
			c.add(len(b.Runs))
		}
	}
	return c
}
