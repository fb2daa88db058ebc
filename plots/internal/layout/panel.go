package layout

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// NewPanel returns an empty plot in the colours of a theme, with the axes at
// the edges of the data and without background or title.
func NewPanel(k Inks, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = k.axis()
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = TickLength

		label := Text(LabelSize, k.Ink)
		label.XAlign, label.YAlign = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = label
		a.Label.Padding = 1

		tick := Text(SmallSize, k.Ink)
		tick.XAlign, tick.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = tick
	}
	// gonum's y axis draws a tick label one descent above its tick.
	s := p.Y.Tick.Label
	p.Y.Tick.Label.YAlign = Baseline(s, CapHeight/2+float64(s.FontExtents().Descent/s.Font.Size))
	return p
}

// AddGrid adds horizontal lines at the labelled ticks that the y axis has now.
func AddGrid(p *plot.Plot, k Inks) {
	ticks := p.Y.Tick.Marker
	p.Add(Plotter(func(c draw.Canvas, p *plot.Plot) {
		labelled := *p
		labelled.Y.Tick.Marker = ticks
		(&plotter.Grid{Horizontal: k.grid()}).Plot(c, &labelled)
	}))
}

// Plotter is a plot.Plotter made of a function.
type Plotter func(draw.Canvas, *plot.Plot)

// Plot implements plot.Plotter.
func (f Plotter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// AddData adds plotters to a panel whose axes are set: unlike plot.Plot.Add, it
// neither widens the axes nor shrinks the panel for glyphs at its edges.
func AddData(p *plot.Plot, data ...plot.Plotter) {
	for _, d := range data {
		p.Add(Plotter(d.Plot))
	}
}

// HideAxisLines hides the axis lines of a panel that gets a frame.
func HideAxisLines(p *plot.Plot) { p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0 }

// DrawFrame draws the outline of r.
func DrawFrame(c draw.Canvas, k Inks, r vg.Rectangle) {
	c.SetLineStyle(k.axis())
	c.Stroke(r.Path())
}

// Nominal returns a canvas to measure layouts on; it cannot be drawn on.
func Nominal(width, height vg.Length) draw.Canvas { return draw.NewCanvas(nil, width, height) }

// Around returns the canvas on which the data of p fill the rectangle.
func Around(p *plot.Plot, c draw.Canvas, data vg.Rectangle) draw.Canvas {
	c.Rectangle = data
	for range 3 { // labels that reach over the data move with its width
		d := p.DataCanvas(c)
		c.Min.X += data.Min.X - d.Min.X
		c.Min.Y += data.Min.Y - d.Min.Y
		c.Max.X += data.Max.X - d.Max.X
		c.Max.Y += data.Max.Y - d.Max.Y
	}
	return c
}

// MapCanvas fits a heatmap into a body: the data fill the largest rectangle, or
// square, that leaves room for the axes and for the given width to the right.
func MapCanvas(p *plot.Plot, body draw.Canvas, right vg.Length, square bool) (axes draw.Canvas, data vg.Rectangle) {
	axes = draw.Crop(body, 0, -right, 0, 0)
	d := p.DataCanvas(axes)
	if square {
		w, h := d.Max.X-d.Min.X, d.Max.Y-d.Min.Y
		axes = draw.Crop(axes, 0, min(0, h-w), max(0, h-w), 0)
		d = p.DataCanvas(axes)
	}
	return axes, d.Rectangle
}

// MapHeight returns the height of a body of the given width in which a heatmap
// fills the width. aspect is height to width of the data; it is kept within
// [0.4, 1.6].
func MapHeight(p *plot.Plot, width, right vg.Length, aspect float64) vg.Length {
	axes := draw.Crop(Nominal(width, width), 0, -right, 0, 0)
	d := p.DataCanvas(axes)
	around := (axes.Max.Y - axes.Min.Y) - (d.Max.Y - d.Min.Y)
	return around + (d.Max.X-d.Min.X)*vg.Length(min(max(aspect, 0.4), 1.6))
}

// CheckLabel returns an error if the label of an axis is longer than room.
func CheckLabel(label string, room vg.Length, advice string) error {
	if Text(LabelSize, nil).Width(label) > room {
		return fmt.Errorf("axis label %q is longer than its panel (%.0f mm); %s", label, MM(room), advice)
	}
	return nil
}

// DrawTickBelow draws a tick and its label below a frame.
func DrawTickBelow(c draw.Canvas, k Inks, at vg.Point, label string) {
	c.StrokeLine2(k.axis(), at.X, at.Y, at.X, at.Y-TickLength)
	s := Text(SmallSize, k.Ink)
	s.XAlign = draw.XCenter
	DrawText(c, s, vg.Point{X: at.X, Y: at.Y - TickLength - SmallSize}, label)
}
