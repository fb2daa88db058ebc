package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	axisWidth  = vg.Length(0.6)
	tickLength = vg.Length(2.5)
)

// newPanel returns an empty plot in the theme's colours, with the axes at the
// edges of the data and no background or title of its own.
func newPanel(col colors, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: col.ink, Width: axisWidth}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = tickLength

		label := textStyle(labelSize, col.ink)
		label.XAlign, label.YAlign = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = label
		a.Label.Padding = 1

		tick := textStyle(smallSize, col.ink)
		tick.XAlign, tick.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = tick
	}
	// The axis draws a tick label one descent above its tick.
	s := p.Y.Tick.Label
	p.Y.Tick.Label.YAlign = alignBaseline(s, capHeight/2+float64(s.FontExtents().Descent/s.Font.Size))
	return p
}

// addGrid adds horizontal lines at the ticks of the y axis.
func addGrid(p *plot.Plot, col colors) {
	g := plotter.NewGrid()
	g.Vertical.Width = 0
	g.Horizontal = draw.LineStyle{Color: col.grid, Width: 0.4}
	p.Add(g)
}

// lines draws horizontal lines at the ticks, labelled or not.
func lines(ticks []plot.Tick, col colors) painter {
	return func(c draw.Canvas, p *plot.Plot) {
		_, fy := p.Transforms(&c)
		for _, t := range ticks {
			c.StrokeLine2(draw.LineStyle{Color: col.grid, Width: 0.4}, c.Min.X, fy(t.Value), c.Max.X, fy(t.Value))
		}
	}
}

// nominal returns a canvas to measure layouts on; nothing can be drawn on it.
func nominal(width, height vg.Length) draw.Canvas {
	return draw.NewCanvas(nil, width, height)
}

// painter is a plotter made of a function.
type painter func(draw.Canvas, *plot.Plot)

// Plot implements plot.Plotter.
func (f painter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// mm converts a length of the canvas to millimetres.
func mm(l vg.Length) float64 { return float64(l / vg.Millimeter) }
