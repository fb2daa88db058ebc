package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

const (
	// DefaultWidth is the width in millimetres of a figure whose options leave
	// it zero: a column of a two-column paper (84 to 90 mm at most venues).
	DefaultWidth = 85

	// DefaultDPI is the resolution of PNG files in dots per inch that
	// publishers ask for in colour figures.
	DefaultDPI = 300

	minSide, maxSide = 40, 500 // mm
	minDPI, maxDPI   = 50, 1200
)

// Options are the settings that all figures share. The zero value is a light
// figure without a title at the default size.
type Options struct {
	// Theme is Light (the default) or Dark.
	Theme Theme
	// Title and Subtitle stand above the figure, wrapped at its width. Papers
	// usually leave the title to the caption.
	Title, Subtitle string
	// Width is in millimetres; 0 means DefaultWidth.
	Width float64
	// Height is in millimetres; 0 means as high as the figure needs.
	Height float64
	// DPI is the resolution of PNG files; 0 means DefaultDPI.
	DPI int
}

// prepared returns o with its zero settings filled, except for Height, and the
// inks of its theme.
func (o Options) prepared() (Options, layout.Inks, error) {
	if o.Width == 0 {
		o.Width = DefaultWidth
	}
	if o.DPI == 0 {
		o.DPI = DefaultDPI
	}
	if err := o.check(); err != nil {
		return o, layout.Inks{}, err
	}
	k, err := o.Theme.inks()
	return o, k, err
}

func (o Options) check() error {
	if err := checkSide("Width", o.Width); err != nil {
		return err
	}
	if o.Height != 0 {
		if err := checkSide("Height", o.Height); err != nil {
			return err
		}
	}
	if err := checkCount("DPI", o.DPI, minDPI, maxDPI); err != nil {
		return err
	}
	if err := layout.CheckText("Title", o.Title); err != nil {
		return err
	}
	return layout.CheckText("Subtitle", o.Subtitle)
}

func checkSide(name string, mm float64) error {
	if math.IsNaN(mm) || mm < minSide || mm > maxSide {
		return fmt.Errorf("%s %g mm is outside [%d, %d] mm", name, mm, minSide, maxSide)
	}
	return nil
}

// width is the width of the figure on its canvas.
func (o Options) width() vg.Length { return vg.Length(o.Width) * vg.Millimeter }

// height is the given height of the figure on its canvas, or 0.
func (o Options) height() vg.Length { return vg.Length(o.Height) * vg.Millimeter }

// bodyWidth is the width that the panels have together.
func (o Options) bodyWidth() vg.Length { return o.width() - 2*layout.Margin }

// header lays out title, subtitle and legend; note is the figure's own part of
// the subtitle.
func (o Options) header(k layout.Inks, note string, legend layout.Legend) (layout.Header, error) {
	return layout.NewHeader(o.width(), k, o.Title, o.Subtitle, note, legend)
}
