package plots

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Figure is a finished drawing, made by one of the functions of the package. It
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

// newFigure returns a figure of the width in the options and the given height.
// name is its accessible name if the options have no title.
func newFigure(o Options, height vg.Length, k layout.Inks, name string, paint func(draw.Canvas, medium)) *Figure {
	if o.Title != "" {
		name = o.Title
	}
	return &Figure{
		width:      o.Width,
		height:     layout.MM(height),
		dpi:        o.DPI,
		name:       name,
		background: k.Background,
		paint:      paint,
	}
}

// Size returns the width and height of the figure in millimetres.
func (f *Figure) Size() (width, height float64) { return f.width, f.height }

// WriteSVG writes the figure as an SVG document with selectable text. The
// document names its fonts and does not embed them.
func (f *Figure) WriteSVG(w io.Writer) error { return f.write(w, f.svg) }

// WritePNG writes the figure as a PNG image that records its resolution, so
// that programs place it at its size in millimetres.
func (f *Figure) WritePNG(w io.Writer) error { return f.write(w, f.png) }

func (f *Figure) write(w io.Writer, encode func() ([]byte, error)) (err error) {
	defer inPackage(&err)
	data, err := encode()
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("writing a figure: %w", err)
	}
	return nil
}

// Save writes the figure to path in the format of its extension, .svg or .png
// in either case. A file that exists keeps its mode. If the process is killed or
// the disk is full, path holds the old content or the new one, never a part.
func (f *Figure) Save(path string) (err error) {
	defer inPackage(&err)
	var encode func() ([]byte, error)
	switch ext := filepath.Ext(path); strings.ToLower(ext) {
	case ".svg":
		encode = f.svg
	case ".png":
		encode = f.png
	default:
		return fmt.Errorf("%s: unknown extension %q; figures are saved as .svg or .png", path, ext)
	}
	data, err := encode()
	if err != nil {
		return err
	}
	if err := replaceFile(path, data); err != nil {
		return fmt.Errorf("saving %s: %w", path, err)
	}
	return nil
}

func (f *Figure) svg() ([]byte, error) {
	c := vgsvg.New(f.points())
	f.draw(c, vector)
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return nil, fmt.Errorf("encoding SVG: %w", err)
	}
	return finishSVG(buf.Bytes(), f.name), nil
}

func (f *Figure) png() ([]byte, error) {
	width, height := f.points()
	c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(f.dpi), vgimg.UseBackgroundColor(f.background))
	f.draw(c, raster)
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&buf, c.Image()); err != nil {
		return nil, fmt.Errorf("encoding PNG: %w", err)
	}
	return withResolution(buf.Bytes(), f.dpi), nil
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
