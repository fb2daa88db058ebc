package plots

import (
	"image"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// cells are the cells of a heatmap: indices in layout.Viridis, [rows, cols].
type cells struct {
	rows, cols int
	index      []uint8
}

// plotter draws the cells over the whole panel as one indexed image.
// (gonum's HeatMap draws a polygon per cell, or an image with 8 bytes per pixel
// and one pixel per cell, which canvases smooth.)
func (cs cells) plotter(m medium) plot.Plotter {
	img := cs.image(m)
	return layout.Plotter(func(c draw.Canvas, _ *plot.Plot) { c.DrawImage(c.Rectangle, img) })
}

// image returns the cells enlarged by whole factors: canvases and some viewers
// smooth what they enlarge themselves. A PNG gets more pixels than it shows; an
// SVG, which stores the image and tells viewers not to smooth, gets only as many
// as keep the file small.
func (cs cells) image(m medium) *image.Paletted {
	side := 5 * maxCells
	if m == vector {
		side = maxCells
	}
	kx, ky := (side+cs.cols-1)/cs.cols, (side+cs.rows-1)/cs.rows
	img := image.NewPaletted(image.Rect(0, 0, cs.cols*kx, cs.rows*ky), layout.Viridis())
	for y := range cs.rows * ky {
		line := img.Pix[y*img.Stride:]
		for x := range cs.cols * kx {
			line[x] = cs.index[y/ky*cs.cols+x/kx]
		}
	}
	return img
}
