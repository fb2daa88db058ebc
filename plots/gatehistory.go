package plots

import (
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// GateHistory is one panel of [GateHistories]: the gates of a layer over
// training.
type GateHistory struct {
	// Layer stands above the panel.
	Layer string
	// Steps are strictly increasing, [points].
	Steps []float64
	// Gates is their distribution over channels at each step, [points].
	Gates []Quantiles
}

// GateHistories draws the gates of layers over training as bands, darker
// towards the middle: the range, 5 to 95 %, 25 to 75 %, and the median as a
// line. The layers stand in small panels with the same axes; a single layer
// takes the whole figure.
//
// GateHistories returns an error if there are no layers, if two share a name,
// if a layer has no points or another number of distributions than of steps, if
// steps do not increase, if a quantile is not finite or below the one before, or
// if texts do not fit the figure.
func GateHistories(layers []GateHistory, opts GateOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.fill(); err != nil {
		return nil, err
	}
	names := namesOf(layers, func(l GateHistory) string { return l.Layer })
	if err := checkNames("layer", names); err != nil {
		return nil, err
	}
	fans := make([]fan, len(layers))
	for i, l := range layers {
		if err := l.check(); err != nil {
			return nil, fmt.Errorf("layer %q: %w", l.Layer, err)
		}
		fans[i] = newFan(l, k)
	}
	x, y := historyAxes(layers, opts.Mark)
	nx, ny := 3, 4 // ticks
	if len(layers) == 1 {
		nx, ny = 6, 6
	}
	panel := func(i int) *plot.Plot {
		p := layout.NewPanel(k, "step", opts.Label)
		layout.Scale{}.Apply(&p.X, x, nx)
		layout.Scale{}.Apply(&p.Y, y, ny)
		layout.AddGrid(p, k)
		layout.AddData(p, fans[i].plotters(x, opts.Mark)...)
		return p
	}
	h, err := o.header(k, quantileNote, opts.legend(k))
	if err != nil {
		return nil, err
	}
	m, err := layout.NewMultiples(names, o.bodyWidth(), panel)
	if err != nil {
		return nil, err
	}
	height, err := h.FigureHeight(o.height(), m.FittingHeight())
	if err != nil {
		return nil, err
	}
	if height > maxSide*vg.Millimeter {
		return nil, fmt.Errorf("%d panels need more than %d mm, the greatest height of a figure; raise Width or split them over several figures", len(layers), maxSide)
	}
	if err := m.Fit(height - h.Height() - layout.Margin); err != nil {
		return nil, err
	}
	if err := m.CheckLabel(opts.Label); err != nil {
		return nil, err
	}
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		m.Draw(h.Body(c), k)
	}
	return newFigure(o, height, k, "Gates over training", paint), nil
}

func (l GateHistory) check() error {
	if len(l.Steps) == 0 {
		return errors.New("no points")
	}
	if len(l.Gates) != len(l.Steps) {
		return fmt.Errorf("%d distributions for %d steps", len(l.Gates), len(l.Steps))
	}
	if err := checkIncreasing("Steps", l.Steps); err != nil {
		return err
	}
	for j, q := range l.Gates {
		if err := q.check(); err != nil {
			return fmt.Errorf("gates at step %g: %w", l.Steps[j], err)
		}
	}
	return nil
}

// historyAxes returns axes that include the layers, the mark, and 1, the
// initial value of a gate.
func historyAxes(layers []GateHistory, mark Mark) (x, y layout.Range) {
	x, y = layout.EmptyRange(), layout.Range{Min: 1, Max: 1}
	for _, l := range layers {
		x.Include(l.Steps...)
		for _, q := range l.Gates {
			y.Include(q.Min, q.Max)
		}
	}
	if mark != (Mark{}) {
		y.Include(mark.At)
	}
	if x.Min == x.Max {
		x = x.Padded()
	}
	return x, y.Padded()
}

// fan is a distribution along x: nested bands around its median.
type fan struct {
	k         layout.Inks
	x         []float64
	quantiles [7][]float64 // [quantiles, points]
}

func newFan(l GateHistory, k layout.Inks) fan {
	f := fan{k: k, x: slices.Clone(l.Steps)}
	for _, q := range l.Gates {
		for i, v := range q.ordered() {
			f.quantiles[i] = append(f.quantiles[i], v)
		}
	}
	return f
}

// plotters returns the bands, the mark along the x axis, and the median.
func (f fan) plotters(x layout.Range, mark Mark) []plot.Plotter {
	var p []plot.Plotter
	ink := f.k.Categories[0]
	for band, alpha := range []uint8{0x34, 0x50, 0x80} {
		shade := color.NRGBA{R: ink.R, G: ink.G, B: ink.B, A: alpha}
		p = append(p, layout.Band(shade, vg.Length(2*(band+1)), f.x, f.quantiles[band], f.quantiles[6-band]))
	}
	if mark != (Mark{}) {
		p = append(p, layout.Line(f.k.Reference(), plotter.XY{X: x.Min, Y: mark.At}, plotter.XY{X: x.Max, Y: mark.At}))
	}
	median := make(plotter.XYs, len(f.x))
	for j, step := range f.x {
		median[j] = plotter.XY{X: step, Y: f.quantiles[3][j]}
	}
	if len(median) == 1 {
		return append(p, &plotter.Scatter{XYs: median, GlyphStyle: draw.GlyphStyle{Color: f.k.Ink, Radius: 2, Shape: draw.CircleGlyph{}}})
	}
	return append(p, layout.Line(draw.LineStyle{Color: f.k.Ink, Width: 1}, median...))
}
