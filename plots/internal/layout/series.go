package layout

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is the look of one series. Colour, dashes and marker all differ, so
// that a grey print still tells the series apart.
type Series struct {
	Line   draw.LineStyle
	Marker draw.GlyphStyle
	Band   color.NRGBA // fills the area around the line
}

// dashes and markers are as many as the colours of a palette.
var (
	dashes = [][]vg.Length{
		nil, {5, 2}, {1.5, 1.5}, {6, 1.5, 1.5, 1.5},
		{3, 1.5}, {8, 2}, {6, 1.5, 1.5, 1.5, 1.5, 1.5}, {2, 3},
	}
	markers = []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{},
		draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{},
	}
)

// Series returns the look of series i, counted from 0.
func (k Inks) Series(i int) Series {
	ink := k.Categories[i]
	band := ink
	band.A = k.BandAlpha
	return Series{
		Line:   draw.LineStyle{Color: ink, Width: 1.1, Dashes: dashes[i]},
		Marker: draw.GlyphStyle{Color: ink, Radius: 2.1, Shape: haloed{markers[i], k.Background}},
		Band:   band,
	}
}

// Dots draws the marker of the series at the points.
func (s Series) Dots(points ...plotter.XY) *plotter.Scatter {
	return &plotter.Scatter{XYs: points, GlyphStyle: s.Marker}
}

// Line draws a line of the given style through the points.
func Line(s draw.LineStyle, points ...plotter.XY) *plotter.Line {
	return &plotter.Line{XYs: points, LineStyle: s}
}

// Band fills the area between lo and hi, of the same length as x. Over a single
// x, which has no area, it draws a line of the given width.
func Band(fill color.Color, width vg.Length, x, lo, hi []float64) plot.Plotter {
	n := len(x)
	if n == 1 {
		return Line(draw.LineStyle{Color: fill, Width: width}, plotter.XY{X: x[0], Y: lo[0]}, plotter.XY{X: x[0], Y: hi[0]})
	}
	ring := make(plotter.XYs, 2*n)
	for i := range x {
		ring[i] = plotter.XY{X: x[i], Y: lo[i]}
		ring[2*n-1-i] = plotter.XY{X: x[i], Y: hi[i]}
	}
	return &plotter.Polygon{XYs: []plotter.XYs{ring}, Color: fill}
}

// UprightTick is a glyph: a vertical line, as long as the diameter.
type UprightTick struct{ Width vg.Length }

// DrawGlyph implements draw.GlyphDrawer.
func (t UprightTick) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	c.StrokeLine2(draw.LineStyle{Color: s.Color, Width: t.Width}, at.X, at.Y-s.Radius, at.X, at.Y+s.Radius)
}

// haloed is a glyph on a disc of the background's colour, which sets it off
// from the lines below it.
type haloed struct {
	draw.GlyphDrawer
	ground color.NRGBA
}

// DrawGlyph implements draw.GlyphDrawer.
func (h haloed) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	c.SetColor(h.ground)
	draw.CircleGlyph{}.DrawGlyph(c, draw.GlyphStyle{Color: h.ground, Radius: s.Radius * 4 / 3}, at)
	c.SetColor(s.Color)
	h.GlyphDrawer.DrawGlyph(c, s, at)
}

// diamond is a filled square on its corner.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius * 1.15
	var p vg.Path
	p.Move(vg.Point{X: at.X, Y: at.Y + r})
	p.Line(vg.Point{X: at.X + r, Y: at.Y})
	p.Line(vg.Point{X: at.X, Y: at.Y - r})
	p.Line(vg.Point{X: at.X - r, Y: at.Y})
	p.Close()
	c.Fill(p)
}
