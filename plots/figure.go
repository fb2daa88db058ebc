package plots

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Figure is a finished drawing, made by one of the package's functions. It
// holds its own copy of the data, never changes, and may be written any number
// of times, from several goroutines at once.
type Figure struct {
	width, height float64 // mm
	dpi           int
	name          string // accessible name in the SVG
	background    color.NRGBA
	paint         func(draw.Canvas, medium)
}

// medium is what a figure is painted on.
type medium int

const (
	vector medium = iota // SVG: small files, the viewer enlarges images
	raster               // PNG: final pixels
)

// Size returns the figure's width and height in millimetres.
func (f *Figure) Size() (width, height float64) { return f.width, f.height }

// WriteSVG writes the figure as an SVG document with selectable text. Fonts
// are named, not embedded.
func (f *Figure) WriteSVG(w io.Writer) error {
	c := vgsvg.New(f.points())
	f.draw(c, vector)
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return fmt.Errorf("plots: encoding SVG: %w", err)
	}
	if _, err := w.Write(finishSVG(buf.Bytes(), f.name)); err != nil {
		return fmt.Errorf("plots: writing SVG: %w", err)
	}
	return nil
}

// WritePNG writes the figure as a PNG image that records its resolution, so
// that it is placed at its size in millimetres.
func (f *Figure) WritePNG(w io.Writer) error {
	width, height := f.points()
	c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(f.dpi), vgimg.UseBackgroundColor(f.background))
	f.draw(c, raster)
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&buf, c.Image()); err != nil {
		return fmt.Errorf("plots: encoding PNG: %w", err)
	}
	if _, err := w.Write(withResolution(buf.Bytes(), f.dpi)); err != nil {
		return fmt.Errorf("plots: writing PNG: %w", err)
	}
	return nil
}

// Save writes the figure to path in the format of its extension, .svg or .png
// (in either case). The file appears whole or not at all: it is written beside
// its destination and then renamed.
func (f *Figure) Save(path string) (err error) {
	var write func(io.Writer) error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".svg":
		write = f.WriteSVG
	case ".png":
		write = f.WritePNG
	default:
		return fmt.Errorf("plots: %s: unknown extension %q; figures are saved as .svg or .png", path, filepath.Ext(path))
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("plots: saving %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("plots: saving %s: %w", path, errors.Join(err, os.Remove(tmp.Name())))
		}
	}()
	// CreateTemp makes files private; a figure is as readable as any output.
	err = errors.Join(write(tmp), tmp.Chmod(0o644), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func (f *Figure) draw(c vg.CanvasSizer, m medium) {
	dc := draw.New(c)
	dc.SetColor(f.background)
	dc.Fill(dc.Rectangle.Path())
	f.paint(dc, m)
}

func (f *Figure) points() (width, height vg.Length) {
	return vg.Length(f.width) * vg.Millimeter, vg.Length(f.height) * vg.Millimeter
}

// newFigure returns a figure of the options' width and the given height. name
// is its accessible name where there is no title.
func newFigure(o Options, height vg.Length, col colors, name string, paint func(draw.Canvas, medium)) *Figure {
	if o.Title != "" {
		name = o.Title
	}
	return &Figure{
		width:      o.Width,
		height:     mm(height),
		dpi:        o.DPI,
		name:       name,
		background: col.background,
		paint:      paint,
	}
}
