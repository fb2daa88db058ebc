package plots

import (
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// pointShapes differ without colour, however small they are. The first one is
// filled.
var pointShapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.CrossGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}}

// pointStyle returns a marker. Open shapes are larger, so that all look alike in
// size.
func pointStyle(shape int, ink color.NRGBA, radius vg.Length) draw.GlyphStyle {
	if shape > 0 {
		radius *= 1.4
	}
	return draw.GlyphStyle{Color: ink, Radius: radius, Shape: pointShapes[shape]}
}

// newPoints returns the scatter of n points, still without them. Filled markers
// are translucent: they darken where points crowd.
func newPoints(shape int, ink color.NRGBA, n int) *plotter.Scatter {
	if shape == 0 {
		ink.A = 0xA0
	}
	return &plotter.Scatter{GlyphStyle: pointStyle(shape, ink, pointRadius(n))}
}

// pointRadius is the radius of the markers of n points: the more, the smaller.
func pointRadius(n int) vg.Length {
	switch {
	case n <= 300:
		return 1.9
	case n <= 1000:
		return 1.4
	default:
		return 1.05
	}
}
