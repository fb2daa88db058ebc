package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func (cv curve) drawBand(c draw.Canvas, p *plot.Plot) {
	fx, fy := p.Transforms(&c)
	n := len(cv.x)
	area := make([]vg.Point, 2*n)
	for j, x := range cv.x {
		area[j] = vg.Point{X: fx(x), Y: fy(cv.lo[j])}
		area[2*n-1-j] = vg.Point{X: fx(x), Y: fy(cv.hi[j])}
	}
	if n == 1 { // a point has an error bar
		c.StrokeLines(draw.LineStyle{Color: cv.style.line.Color, Width: cv.style.line.Width}, c.ClipLinesXY(area)...)
		return
	}
	c.FillPolygon(cv.style.band, c.ClipPolygonXY(area))
}

func (cv curve) drawLine(c draw.Canvas, p *plot.Plot) {
	pts := make(plotter.XYs, len(cv.x))
	for j := range pts {
		pts[j] = plotter.XY{X: cv.x[j], Y: cv.mean[j]}
	}
	(&plotter.Line{XYs: pts, LineStyle: cv.style.line}).Plot(c, p)
}

// drawMarkers marks about six points of the line, shifted from series to
// series so that markers of close lines do not hide each other.
func (cv curve) drawMarkers(i, n int) painter {
	return func(c draw.Canvas, p *plot.Plot) {
		fx, fy := p.Transforms(&c)
		stride := max(1, (len(cv.x)+5)/6)
		for j := (i * stride / n) % stride; j < len(cv.x); j += stride {
			if at := (vg.Point{X: fx(cv.x[j]), Y: fy(cv.mean[j])}); c.Contains(at) {
				cv.style.mark(c, at)
			}
		}
	}
}
