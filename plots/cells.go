package plots

import (
	"image"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// leastSide is the least side in pixels to which a map's image is enlarged,
// by whole factors: canvases and some viewers smooth what they enlarge
// themselves. PNG gets more than it has pixels; SVG, where the image is stored
// and viewers are told not to smooth, gets what keeps the file small.
func leastSide(m medium) int {
	if m == vector {
		return maxCells
	}
	return 5 * maxCells
}

// cellImage returns cells, palette indices [rows, cols], as an image, enlarged
// for the medium.
func cellImage(cells []uint8, rows, cols int, m medium) *image.Paletted {
	kx, ky := (leastSide(m)+cols-1)/cols, (leastSide(m)+rows-1)/rows
	img := image.NewPaletted(image.Rect(0, 0, cols*kx, rows*ky), viridis())
	for y := range rows * ky {
		line := img.Pix[y*img.Stride:]
		for x := range cols * kx {
			line[x] = cells[y/ky*cols+x/kx]
		}
	}
	return img
}

// drawFrame draws the outline of r.
func drawFrame(c draw.Canvas, col colors, r vg.Rectangle) {
	c.SetLineStyle(draw.LineStyle{Color: col.ink, Width: axisWidth})
	c.Stroke(r.Path())
}

// mapRect is where the data of p go in a body: the largest rectangle, or
// square, that leaves room for the axes and the given width to the right.
func mapRect(p *plot.Plot, body draw.Canvas, right vg.Length, square bool) (axes draw.Canvas, data vg.Rectangle) {
	axes = draw.Crop(body, 0, -right, 0, 0)
	d := p.DataCanvas(axes)
	if square {
		w, h := d.Max.X-d.Min.X, d.Max.Y-d.Min.Y
		axes = draw.Crop(axes, 0, min(0, h-w), max(0, h-w), 0)
		d = p.DataCanvas(axes)
	}
	return axes, d.Rectangle
}

// mapHeight is the height of a body of the given width in which data of the
// given aspect, height to width, fill the width.
func mapHeight(p *plot.Plot, width, right vg.Length, aspect float64) vg.Length {
	axes := draw.Crop(nominal(width, width), 0, -right, 0, 0)
	d := p.DataCanvas(axes)
	around := (axes.Max.Y - axes.Min.Y) - (d.Max.Y - d.Min.Y)
	return around + (d.Max.X-d.Min.X)*vg.Length(min(max(aspect, 0.4), 1.6))
}
