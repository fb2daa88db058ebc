package plots

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// LayerGates is one row of [Gates]: the gates of a layer at one step.
type LayerGates struct {
	// Layer stands at the left.
	Layer string
	// Gates is their distribution over channels; [QuantilesOf] computes it.
	Gates Quantiles
}

// Mark is a value to compare with, drawn as a dashed line and named in the
// legend. The zero value draws none.
type Mark struct {
	Name string
	At   float64
}

// GateOptions are the settings of [Gates] and [GateHistories].
type GateOptions struct {
	Options
	// Label names the axis of the gates; empty means "gate".
	Label string
	// Mark is a value to compare with, for example the gate that weight decay
	// alone would reach.
	Mark Mark
}

// quantileNote explains the three weights of a distribution.
const quantileNote = "median, 25–75 %, 5–95 % and range over channels"

// Gates draws the gates of every layer at one step, one row per layer from the
// top: the median, a thick bar from 25 to 75 %, a thin one from 5 to 95 %, and a
// hairline over the range. The axis includes the data, the mark, and 1, the
// initial value of a gate.
//
// Gates returns an error if there are no layers, if two share a name, if a
// quantile is not finite or below the one before, or if texts do not fit the
// figure.
func Gates(layers []LayerGates, opts GateOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.fill(); err != nil {
		return nil, err
	}
	names := namesOf(layers, func(l LayerGates) string { return l.Layer })
	if err := checkNames("layer", names); err != nil {
		return nil, err
	}
	chart := newRowChart(k, names, 1)
	chart.legend = opts.legend(k)
	p := rowPanel{label: opts.Label, x: layout.Range{Min: 1, Max: 1}}
	if opts.Mark != (Mark{}) {
		p.x.Include(opts.Mark.At)
		p.add(chart.upright(k.Reference(), opts.Mark.At))
	}
	for i, l := range layers {
		if err := l.Gates.check(); err != nil {
			return nil, fmt.Errorf("layer %q: %w", l.Layer, err)
		}
		p.x.Include(l.Gates.Min, l.Gates.Max)
		chart.addQuantiles(&p, i, l.Gates)
	}
	p.x = p.x.Padded()
	chart.panels = []rowPanel{p}
	return chart.figure(o, quantileNote, "Gates by layer")
}

// addQuantiles adds a distribution to a row of a panel.
func (r *rowChart) addQuantiles(p *rowPanel, row int, q Quantiles) {
	y := float64(row)
	for _, bar := range []struct {
		lo, hi float64
		width  vg.Length
	}{{q.Min, q.Max, 0.6}, {q.P5, q.P95, 2}, {q.P25, q.P75, 4.6}} {
		p.add(layout.Line(draw.LineStyle{Color: r.k.Categories[0], Width: bar.width}, plotter.XY{X: bar.lo, Y: y}, plotter.XY{X: bar.hi, Y: y}))
	}
	for _, s := range []draw.GlyphStyle{
		{Color: r.k.Background, Radius: 3.1, Shape: layout.UprightTick{Width: 2.6}},
		{Color: r.k.Ink, Radius: 3.1, Shape: layout.UprightTick{Width: 1.2}},
	} {
		p.add(&plotter.Scatter{XYs: plotter.XYs{{X: q.Median, Y: y}}, GlyphStyle: s})
	}
}

// fill checks the options and sets the default label.
func (o *GateOptions) fill() error {
	if o.Label == "" {
		o.Label = "gate"
	}
	if err := layout.CheckText("Label", o.Label); err != nil {
		return err
	}
	if o.Mark == (Mark{}) {
		return nil
	}
	if err := checkName("Mark.Name", o.Mark.Name); err != nil {
		return err
	}
	if err := checkValue(o.Mark.At); err != nil {
		return fmt.Errorf("Mark.At: %w", err)
	}
	return nil
}

// legend names the mark.
func (o GateOptions) legend(k layout.Inks) layout.Legend {
	l := layout.Legend{SampleWidth: layout.LineSample}
	if o.Mark != (Mark{}) {
		l.AddLine(o.Mark.Name, k.Reference())
	}
	return l
}
