package plots

import (
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
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
// line. Layers stand beside each other with the same axes, as small as their
// number asks; a single layer takes the whole figure.
//
// It fails where there are no layers or two of one name, a layer has no points
// or another number of distributions than of steps, steps do not increase, a
// quantile is not finite or below the one before, or texts do not fit the
// figure.
func GateHistories(layers []GateHistory, opts GateOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.fill(); err != nil {
		return nil, err
	}
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.Layer
	}
	if err := checkRows("layer", names); err != nil {
		return nil, err
	}
	fans := make([]fan, len(layers))
	x, y := emptyRange(), Range{Min: 1, Max: 1}
	for i, l := range layers {
		if err := checkGateHistory(l); err != nil {
			return nil, fmt.Errorf("plots: layer %q: %w", l.Layer, err)
		}
		f := fan{col: col, mark: opts.Mark}
		for j, q := range l.Gates {
			f.x, f.q = append(f.x, l.Steps[j]), append(f.q, q.ordered())
			x.Min, x.Max = min(x.Min, l.Steps[j]), max(x.Max, l.Steps[j])
			y.Min, y.Max = min(y.Min, q.Min), max(y.Max, q.Max)
		}
		fans[i] = f
	}
	if opts.Mark != (Mark{}) {
		y.Min, y.Max = min(y.Min, opts.Mark.At), max(y.Max, opts.Mark.At)
	}
	if x.Min == x.Max {
		x = padded(x)
	}
	y = padded(y)
	n, ny := 3, 4
	if len(layers) == 1 {
		n, ny = 6, 6
	}
	panel := func(i int) *plot.Plot {
		p := newPanel(col, "step", opts.Label)
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x.Min, x.Max, y.Min, y.Max
		p.X.Tick.Marker = plot.ConstantTicks(niceTicks(x.Min, x.Max, n))
		p.Y.Tick.Marker = plot.ConstantTicks(niceTicks(y.Min, y.Max, ny))
		p.Add(lines(niceTicks(y.Min, y.Max, ny), col), painter(fans[i].draw))
		return p
	}
	h, err := newHeader(o.width(), o, col, joinSubtitle(o.Subtitle, quantileNote), opts.entries(col), lineWidth)
	if err != nil {
		return nil, err
	}
	m, err := newMultiples(names, o.width()-2*margin, panel)
	if err != nil {
		return nil, err
	}
	height, err := figureHeight(o, h, m.fittingHeight())
	if err != nil {
		return nil, err
	}
	if most := maxSide * vg.Millimeter; height > most {
		return nil, fmt.Errorf("plots: %d panels need more than the %d mm that a figure may be high; raise Width or split them over several figures", len(layers), maxSide)
	}
	if err := m.fit(height - h.height() - margin); err != nil {
		return nil, err
	}
	if w := textStyle(labelSize, nil).Width(opts.Label); w > m.height+nameHeight {
		return nil, fmt.Errorf("plots: Label %q is longer than a panel is high (%.0f mm); shorten it or raise Height", opts.Label, mm(m.height))
	}
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, lineWidth)
		m.draw(h.body(c), col)
	}
	return newFigure(o, height, col, "Gates over training", paint), nil
}

func checkGateHistory(l GateHistory) error {
	if len(l.Steps) == 0 {
		return errors.New("no points")
	}
	if len(l.Gates) != len(l.Steps) {
		return fmt.Errorf("%d distributions for %d steps", len(l.Gates), len(l.Steps))
	}
	for j, s := range l.Steps {
		if err := checkValue(s); err != nil {
			return fmt.Errorf("step %d: %w", j, err)
		}
		if j > 0 && s <= l.Steps[j-1] {
			return fmt.Errorf("step %d, %g, does not exceed the one before, %g; sort the points and keep one of each", j, s, l.Steps[j-1])
		}
		if err := l.Gates[j].check(); err != nil {
			return fmt.Errorf("gates at step %g: %w", s, err)
		}
	}
	return nil
}

// fan is a distribution along x: nested bands around its median.
type fan struct {
	col  colors
	mark Mark
	x    []float64
	q    [][7]float64
}

func (f fan) draw(c draw.Canvas, p *plot.Plot) {
	fx, fy := p.Transforms(&c)
	ink := f.col.categories[0]
	for band, alpha := range []uint8{0x34, 0x50, 0x80} {
		n := len(f.x)
		area := make([]vg.Point, 2*n)
		for j, x := range f.x {
			area[j] = vg.Point{X: fx(x), Y: fy(f.q[j][band])}
			area[2*n-1-j] = vg.Point{X: fx(x), Y: fy(f.q[j][6-band])}
		}
		shade := color.NRGBA{R: ink.R, G: ink.G, B: ink.B, A: alpha}
		if n == 1 {
			c.StrokeLines(draw.LineStyle{Color: shade, Width: vg.Length(2 * (band + 1))}, area)
			continue
		}
		c.FillPolygon(shade, area)
	}
	if f.mark != (Mark{}) {
		y := fy(f.mark.At)
		c.StrokeLine2(reference(f.col), c.Min.X, y, c.Max.X, y)
	}
	median := make([]vg.Point, len(f.x))
	for j, x := range f.x {
		median[j] = vg.Point{X: fx(x), Y: fy(f.q[j][3])}
	}
	if len(median) == 1 {
		c.DrawGlyph(draw.GlyphStyle{Color: f.col.ink, Radius: 2, Shape: draw.CircleGlyph{}}, median[0])
		return
	}
	c.StrokeLines(draw.LineStyle{Color: f.col.ink, Width: 1}, median)
}
