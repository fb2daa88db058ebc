package plots

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// curve is a series reduced over its runs, in units of the axes.
type curve struct {
	name         string
	x            []float64 // positions on the axis: exponents if it is logarithmic
	mean, lo, hi []float64 // [points]
	runs         int
	style        layout.Series
}

// newCurves checks the series and reduces their runs.
func newCurves(series []Series, o CurveOptions, k layout.Inks) ([]curve, runCount, error) {
	var runs runCount
	if err := checkSeries("series", namesOf(series, func(s Series) string { return s.Name }), k); err != nil {
		return nil, runs, err
	}
	curves := make([]curve, len(series))
	for i, s := range series {
		if err := s.check(o.XScale); err != nil {
			return nil, runs, fmt.Errorf("series %q: %w", s.Name, err)
		}
		curves[i] = newCurve(s, o)
		curves[i].style = k.Series(i)
		runs.add(len(s.Runs))
	}
	return curves, runs, nil
}

func newCurve(s Series, o CurveOptions) curve {
	cv := curve{name: s.Name, x: o.XScale.layout().AllAt(s.X), runs: len(s.Runs)}
	column := make([]float64, len(s.Runs))
	for j := range s.X {
		for r := range s.Runs {
			column[r] = s.Runs[r][j] * o.unit()
		}
		mean, std := meanStd(column)
		lo, hi := mean, mean
		switch o.Band {
		case BandStd:
			lo, hi = mean-std, mean+std
		case BandMinMax:
			lo, hi = floats.Min(column), floats.Max(column)
		}
		cv.mean, cv.lo, cv.hi = append(cv.mean, mean), append(cv.lo, lo), append(cv.hi, hi)
	}
	return cv
}

func (s Series) check(scale Scale) error {
	if len(s.X) == 0 {
		return errors.New("no points")
	}
	if len(s.Runs) == 0 {
		return errors.New("no runs")
	}
	if err := checkIncreasing("X", s.X); err != nil {
		return err
	}
	if err := scale.checkValue(s.X[0]); err != nil { // the least
		return fmt.Errorf("X[0]: %w", err)
	}
	for r, run := range s.Runs {
		if len(run) != len(s.X) {
			return fmt.Errorf("run %d has %d values for %d points; give every run a value at every X", r, len(run), len(s.X))
		}
		for j, v := range run {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("run %d at X = %g: %w", r, s.X[j], err)
			}
		}
	}
	return nil
}

// band is the area between lo and hi; a single point has a bar.
func (cv curve) band() plot.Plotter {
	if len(cv.x) == 1 {
		return layout.Band(cv.style.Line.Color, cv.style.Line.Width, cv.x, cv.lo, cv.hi)
	}
	return layout.Band(cv.style.Band, 0, cv.x, cv.lo, cv.hi)
}

func (cv curve) line() plot.Plotter { return layout.Line(cv.style.Line, cv.points(0, 1)...) }

// dots marks about six points of curve i of n. They shift from curve to curve,
// so that the markers of close lines do not hide each other.
func (cv curve) dots(i, n int) plot.Plotter {
	stride := max(1, (len(cv.x)+5)/6)
	return cv.style.Dots(cv.points((i*stride/n)%stride, stride)...)
}

// points returns every stride-th point of the mean.
func (cv curve) points(first, stride int) plotter.XYs {
	var xys plotter.XYs
	for j := first; j < len(cv.x); j += stride {
		xys = append(xys, plotter.XY{X: cv.x[j], Y: cv.mean[j]})
	}
	return xys
}
