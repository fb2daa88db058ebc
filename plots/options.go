package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
)

const (
	// DefaultWidth is the width in millimetres of a figure whose options leave
	// it zero: a column of a two-column paper (84 to 90 mm at most venues).
	DefaultWidth = 85

	// DefaultDPI is the resolution of PNG files in dots per inch, what
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
	// Title and Subtitle stand above the figure and are wrapped at its width.
	// Papers usually leave the title to the caption.
	Title, Subtitle string
	// Width is in millimetres; 0 means DefaultWidth.
	Width float64
	// Height is in millimetres; 0 means as high as the figure needs.
	Height float64
	// DPI is the resolution of PNG files; 0 means DefaultDPI.
	DPI int
}

// filled returns o with the zero settings set to their defaults. Height stays
// zero where the figure is to choose it.
func (o Options) filled() (Options, error) {
	if o.Width == 0 {
		o.Width = DefaultWidth
	}
	if o.DPI == 0 {
		o.DPI = DefaultDPI
	}
	if err := checkSide("Width", o.Width); err != nil {
		return o, err
	}
	if o.Height != 0 {
		if err := checkSide("Height", o.Height); err != nil {
			return o, err
		}
	}
	if o.DPI < minDPI || o.DPI > maxDPI {
		return o, fmt.Errorf("plots: DPI %d is outside [%d, %d]", o.DPI, minDPI, maxDPI)
	}
	if err := checkText("Title", o.Title); err != nil {
		return o, err
	}
	return o, checkText("Subtitle", o.Subtitle)
}

// prepared returns o with its zero settings filled and the inks of its theme.
func (o Options) prepared() (Options, colors, error) {
	o, err := o.filled()
	if err != nil {
		return o, colors{}, err
	}
	col, err := o.Theme.colors()
	return o, col, err
}

// width is the width of the figure on its canvas.
func (o Options) width() vg.Length { return vg.Length(o.Width) * vg.Millimeter }

func checkSide(name string, mm float64) error {
	if math.IsNaN(mm) || mm < minSide || mm > maxSide {
		return fmt.Errorf("plots: %s %g mm is outside [%d, %d] mm", name, mm, minSide, maxSide)
	}
	return nil
}

// Range is a closed interval of axis values; the zero value means "choose it
// from the data".
type Range struct{ Min, Max float64 }

func (r Range) isAuto() bool { return r == Range{} }

func (r Range) check(name string) error {
	if err := checkValue(r.Min); err != nil {
		return fmt.Errorf("plots: %s.Min: %w", name, err)
	}
	if err := checkValue(r.Max); err != nil {
		return fmt.Errorf("plots: %s.Max: %w", name, err)
	}
	if !r.isAuto() && r.Min >= r.Max {
		return fmt.Errorf("plots: %s [%g, %g] is empty; Min must be below Max", name, r.Min, r.Max)
	}
	return nil
}

// maxMagnitude bounds what can be drawn: sums and ranges of values up to it
// keep six digits of precision to spare in float64.
const maxMagnitude = 1e100

// checkValue reports why v cannot be drawn.
func checkValue(v float64) error {
	switch {
	case math.IsNaN(v):
		return fmt.Errorf("value is NaN; drop the run or mend it before plotting")
	case math.IsInf(v, 0):
		return fmt.Errorf("value is infinite; drop the run or mend it before plotting")
	case math.Abs(v) > maxMagnitude:
		return fmt.Errorf("value %g exceeds %g in magnitude", v, float64(maxMagnitude))
	}
	return nil
}

// checkWithin reports why v is no value in [lo, hi].
func checkWithin(v, lo, hi float64) error {
	if err := checkValue(v); err != nil {
		return err
	}
	if v < lo || v > hi {
		return fmt.Errorf("value %g is outside [%.4g, %.4g]", v, lo, hi)
	}
	return nil
}
