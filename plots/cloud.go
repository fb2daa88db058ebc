package plots

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// cloud is a set of points that look alike, drawn as a few paths.
// (plotter.Scatter draws a path per point, which makes the SVG of thousands of
// points several times larger.)
type cloud struct {
	x, y   []float64
	shape  pointShape
	radius vg.Length
	ink    color.NRGBA
}

// cloudPaths is the number of paths of a cloud. Filled markers are translucent;
// those of different paths darken each other, which shows where points crowd.
const cloudPaths = 6

// pointShape is a small marker.
type pointShape struct {
	strokes [][]vg.Point // in radii
	filled  bool         // the strokes are outlines to fill
	closed  bool         // the last point of a stroke joins its first
}

// pointShapes differ without colour, however small they are.
var pointShapes = []pointShape{
	{filled: true, strokes: [][]vg.Point{{ // an octagon, as good as a disc
		{X: 0.92, Y: 0.38}, {X: 0.38, Y: 0.92}, {X: -0.38, Y: 0.92}, {X: -0.92, Y: 0.38},
		{X: -0.92, Y: -0.38}, {X: -0.38, Y: -0.92}, {X: 0.38, Y: -0.92}, {X: 0.92, Y: -0.38},
	}}},
	{strokes: [][]vg.Point{{{X: -1, Y: -1}, {X: 1, Y: 1}}, {{X: -1, Y: 1}, {X: 1, Y: -1}}}},
	{closed: true, strokes: [][]vg.Point{{{Y: 1.2}, {X: 1.1, Y: -0.8}, {X: -1.1, Y: -0.8}}}},
	{closed: true, strokes: [][]vg.Point{{{X: 0.9, Y: 0.9}, {X: 0.9, Y: -0.9}, {X: -0.9, Y: -0.9}, {X: -0.9, Y: 0.9}}}},
}

// add appends the marker at a point to the path.
func (s pointShape) add(path *vg.Path, at vg.Point, r vg.Length) {
	for _, stroke := range s.strokes {
		for i, p := range stroke {
			to := vg.Point{X: at.X + r*p.X, Y: at.Y + r*p.Y}
			if i == 0 {
				path.Move(to)
			} else {
				path.Line(to)
			}
		}
		if s.filled || s.closed {
			path.Close()
		}
	}
}

// paint draws a path of markers.
func (s pointShape) paint(c draw.Canvas, path vg.Path, ink color.Color) {
	if s.filled {
		c.SetColor(ink)
		c.Fill(path)
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: ink, Width: 0.6})
	c.Stroke(path)
}

// Plot implements plot.Plotter.
func (cl cloud) Plot(c draw.Canvas, p *plot.Plot) {
	fx, fy := p.Transforms(&c)
	ink := cl.ink
	if cl.shape.filled {
		ink.A = 0xA0
	}
	for first := range min(cloudPaths, len(cl.x)) {
		var path vg.Path
		for i := first; i < len(cl.x); i += cloudPaths {
			cl.shape.add(&path, vg.Point{X: fx(cl.x[i]), Y: fy(cl.y[i])}, cl.radius)
		}
		cl.shape.paint(c, path, ink)
	}
}

// Thumbnail implements plot.Thumbnailer.
func (cl cloud) Thumbnail(c *draw.Canvas) {
	var path vg.Path
	cl.shape.add(&path, c.Center(), cl.radius)
	cl.shape.paint(*c, path, cl.ink)
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
