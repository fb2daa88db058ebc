package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Group is one cluster of bars of [Bars], for example a task.
type Group struct {
	// Name stands under the group.
	Name string
	// Bars are in the order in which they are drawn.
	Bars []Bar
}

// Bar is one bar of a group, for example a norm on that task.
type Bar struct {
	// Name is the series the bar belongs to; it stands in the legend.
	Name string
	// Runs holds one value a run (seed). The bar is their mean, the error bar
	// the sample standard deviation (divisor n − 1); one run has no error bar.
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
	// nil means 1, as accuracies are printed.
	Decimals *int
	// YRange fixes the y axis, in the data's unit; room for the printed values
	// is added to it. Bars and error bars must lie within. The zero value
	// includes 0, from where the lengths of bars can be compared; an axis that
	// leaves 0 out is mentioned in the subtitle.
	YRange Range
}

// barGroup is a group made ready to draw, in axis units.
type barGroup struct {
	name      string
	mean, std []float64 // [series]
	label     []string  // [series], the printed mean
}

// Bars draws grouped bars: height the mean over runs, error bar ± the sample
// standard deviation, and the mean printed above. Where not all groups fit
// beside each other they continue in further rows with the same axis.
//
// All groups need the same bars in the same order. It also fails where there
// is nothing to draw, more than eight bars a group, a value is not finite or
// outside YRange, or names and labels do not fit the figure.
func Bars(groups []Group, opts BarOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := checkBarOptions(opts); err != nil {
		return nil, err
	}
	if err := checkGroups(groups, col); err != nil {
		return nil, err
	}
	b := newBarChart(groups, opts, col)
	if err := b.setRange(opts); err != nil {
		return nil, err
	}

	width := o.width()
	h, err := newHeader(width, o, col, joinSubtitle(o.Subtitle, barsNote(groups, b.y)), b.legend(groups[0]), boxSample)
	if err != nil {
		return nil, err
	}
	if err := b.arrange(width - 2*margin); err != nil {
		return nil, err
	}
	rowHeight := 45 * vg.Millimeter
	height, err := figureHeight(o, h, vg.Length(b.rows)*rowHeight)
	if err != nil {
		return nil, err
	}
	rowHeight = (height - h.height() - margin) / vg.Length(b.rows)
	if rowHeight < minPanel {
		return nil, fmt.Errorf("plots: Height %g mm is too little for the %d rows that %d groups need; give at least %.0f mm, or 0 for a fitting height",
			o.Height, b.rows, len(groups), math.Ceil(mm(h.height()+margin+vg.Length(b.rows)*minPanel)))
	}
	if err := checkLabelsFit(o, h, h.height()+margin+rowHeight, "", b.yLabel); err != nil {
		return nil, err
	}
	b.makeRoom(rowHeight)
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, boxSample)
		body := h.body(c)
		for row := range b.rows {
			top := -vg.Length(row) * rowHeight
			b.drawRow(draw.Crop(body, 0, 0, vg.Length(b.rows-1-row)*rowHeight, top), row)
		}
	}
	return newFigure(o, height, col, "Bars of "+opts.YLabel, paint), nil
}

func checkBarOptions(o BarOptions) error {
	if o.Decimals != nil && (*o.Decimals < 0 || *o.Decimals > 4) {
		return fmt.Errorf("plots: Decimals %d is outside [0, 4]", *o.Decimals)
	}
	if err := checkName("YLabel", o.YLabel); err != nil {
		return err
	}
	return o.YRange.check("YRange")
}

func checkGroups(groups []Group, col colors) error {
	if len(groups) == 0 {
		return fmt.Errorf("plots: no groups to draw")
	}
	if err := checkSeriesCount(len(groups[0].Bars), col); err != nil {
		return fmt.Errorf("plots: group %q: %w", groups[0].Name, err)
	}
	seen := map[string]bool{}
	for i, b := range groups[0].Bars {
		if err := checkName(fmt.Sprintf("Name of bar %d of group %q", i, groups[0].Name), b.Name); err != nil {
			return err
		}
		if seen[b.Name] {
			return fmt.Errorf("plots: group %q has two bars called %q", groups[0].Name, b.Name)
		}
		seen[b.Name] = true
	}
	for i, g := range groups {
		if err := checkName(fmt.Sprintf("Name of group %d", i), g.Name); err != nil {
			return err
		}
		if len(g.Bars) != len(groups[0].Bars) {
			return fmt.Errorf("plots: group %q has %d bars, group %q has %d; give all groups the same bars", g.Name, len(g.Bars), groups[0].Name, len(groups[0].Bars))
		}
		for j, b := range g.Bars {
			if want := groups[0].Bars[j].Name; b.Name != want {
				return fmt.Errorf("plots: bar %d of group %q is %q, but %q in group %q; give all groups the same bars in the same order", j, g.Name, b.Name, want, groups[0].Name)
			}
			if len(b.Runs) == 0 {
				return fmt.Errorf("plots: bar %q of group %q has no runs", b.Name, g.Name)
			}
			for r, v := range b.Runs {
				if err := checkValue(v); err != nil {
					return fmt.Errorf("plots: bar %q of group %q: run %d: %w", b.Name, g.Name, r, err)
				}
			}
		}
	}
	return nil
}

// barsNote says over how many runs the bars are means, and where an axis that
// does not start at 0 starts.
func barsNote(groups []Group, y Range) string {
	lo, hi := len(groups[0].Bars[0].Runs), 0
	for _, g := range groups {
		for _, b := range g.Bars {
			lo, hi = min(lo, len(b.Runs)), max(hi, len(b.Runs))
		}
	}
	var note string
	switch {
	case hi == 1:
		note = "one run each"
	case lo == hi:
		note = fmt.Sprintf("mean ± std over %d runs", hi)
	default:
		note = fmt.Sprintf("mean ± std over %d to %d runs", lo, hi)
	}
	if y.Min > 0 || y.Max < 0 {
		note += fmt.Sprintf(" · the axis starts at %s, not at 0", formatValue(y.Min, -1))
	}
	return note
}

// formatValue prints v with the given decimals (−1: as many as needed) and a
// real minus sign.
func formatValue(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if math.Abs(v) >= 1e6 || (decimals < 0 && v != 0 && math.Abs(v) < 1e-4) {
		s = strconv.FormatFloat(v, 'e', 2, 64)
	}
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return strings.ReplaceAll(s, "-", "−")
}
