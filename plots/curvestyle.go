package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curveStyle is how one series of [Curves] looks.
type curveStyle struct {
	line   draw.LineStyle
	halo   draw.GlyphStyle // in the background's colour, behind the marker
	marker draw.GlyphStyle
	band   color.NRGBA
}

// dashes and markers make the series differ without colour. Both have the
// length of the categorical palette.
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

// newCurveStyle returns the style of series i.
func newCurveStyle(i int, col colors) curveStyle {
	ink := col.categories[i]
	band := ink
	band.A = col.bandAlpha
	return curveStyle{
		line:   draw.LineStyle{Color: ink, Width: 1.1, Dashes: dashes[i]},
		halo:   draw.GlyphStyle{Color: col.background, Radius: 2.8, Shape: draw.CircleGlyph{}},
		marker: draw.GlyphStyle{Color: ink, Radius: 2.1, Shape: markers[i]},
		band:   band,
	}
}

// sample draws the legend's sample, centred on at.
func (s curveStyle) sample(c draw.Canvas, at vg.Point) {
	c.StrokeLine2(s.line, at.X-lineWidth/2, at.Y, at.X+lineWidth/2, at.Y)
	s.mark(c, at)
}

// mark draws the marker at a point.
func (s curveStyle) mark(c draw.Canvas, at vg.Point) {
	c.DrawGlyphNoClip(s.halo, at)
	c.DrawGlyphNoClip(s.marker, at)
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
