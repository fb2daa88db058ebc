package plots

import (
	"errors"
	"fmt"
	"math"
)

// curve is a series made ready to draw, in axis units.
type curve struct {
	name         string
	x            []float64 // on the axis: exponents if it is logarithmic
	mean, lo, hi []float64 // [points]
	runs         int
	style        curveStyle
}

func checkCurveOptions(o CurveOptions) error {
	if o.Band < BandStd || o.Band > BandNone {
		return fmt.Errorf("plots: unknown band %v; use BandStd, BandMinMax or BandNone", o.Band)
	}
	if err := checkName("XLabel", o.XLabel); err != nil {
		return err
	}
	if err := checkName("YLabel", o.YLabel); err != nil {
		return err
	}
	if err := o.XScale.check(); err != nil {
		return err
	}
	return o.YRange.check("YRange")
}

// newCurves checks the series and reduces their runs.
func newCurves(series []Series, o CurveOptions, col colors) ([]curve, error) {
	if err := checkSeriesCount(len(series), col); err != nil {
		return nil, fmt.Errorf("plots: %w", err)
	}
	scale := 1.0
	if o.Percent {
		scale = 100
	}
	curves := make([]curve, 0, len(series))
	seen := map[string]bool{}
	for i, s := range series {
		if err := checkSeries(i, s); err != nil {
			return nil, err
		}
		if err := o.XScale.checkValue(s.X[0]); err != nil { // the least
			return nil, fmt.Errorf("plots: series %q: X[0]: %w", s.Name, err)
		}
		if seen[s.Name] {
			return nil, fmt.Errorf("plots: two series are called %q; the legend could not tell them apart", s.Name)
		}
		seen[s.Name] = true
		cv := curve{name: s.Name, runs: len(s.Runs), style: newCurveStyle(i, col)}
		column := make([]float64, len(s.Runs))
		for j, x := range s.X {
			lo, hi := math.Inf(1), math.Inf(-1)
			for r := range s.Runs {
				column[r] = s.Runs[r][j] * scale
				lo, hi = min(lo, column[r]), max(hi, column[r])
			}
			mean, std := meanStd(column)
			switch o.Band {
			case BandStd:
				lo, hi = mean-std, mean+std
			case BandNone:
				lo, hi = mean, mean
			}
			cv.x = append(cv.x, o.XScale.at(x))
			cv.mean, cv.lo, cv.hi = append(cv.mean, mean), append(cv.lo, lo), append(cv.hi, hi)
		}
		curves = append(curves, cv)
	}
	return curves, nil
}

func checkSeries(i int, s Series) error {
	if err := checkName(fmt.Sprintf("Name of series %d", i), s.Name); err != nil {
		return err
	}
	if len(s.X) == 0 {
		return fmt.Errorf("plots: series %q has no points", s.Name)
	}
	if len(s.Runs) == 0 {
		return fmt.Errorf("plots: series %q has no runs", s.Name)
	}
	for j, x := range s.X {
		if err := checkValue(x); err != nil {
			return fmt.Errorf("plots: series %q: X[%d]: %w", s.Name, j, err)
		}
		if j > 0 && x <= s.X[j-1] {
			return fmt.Errorf("plots: series %q: X[%d] = %g does not exceed X[%d] = %g; sort the points and keep one of each", s.Name, j, x, j-1, s.X[j-1])
		}
	}
	for r, run := range s.Runs {
		if len(run) != len(s.X) {
			return fmt.Errorf("plots: series %q: run %d has %d values for %d points; give every run a value at every X", s.Name, r, len(run), len(s.X))
		}
		for j, v := range run {
			if err := checkValue(v); err != nil {
				return fmt.Errorf("plots: series %q: run %d at X = %g: %w", s.Name, r, s.X[j], err)
			}
		}
	}
	return nil
}

// checkSeriesCount reports why n series cannot be drawn; callers say of what.
func checkSeriesCount(n int, col colors) error {
	if n == 0 {
		return errors.New("no series to draw")
	}
	if n > len(col.categories) {
		return fmt.Errorf("%d series, but only %d can be told apart by eye; split them over several figures", n, len(col.categories))
	}
	return nil
}

// curvesNote says what is drawn and over how many runs.
func curvesNote(curves []curve, b Band) string {
	lo, hi := curves[0].runs, curves[0].runs
	for _, cv := range curves {
		lo, hi = min(lo, cv.runs), max(hi, cv.runs)
	}
	switch {
	case hi == 1:
		return "one run each"
	case lo == hi:
		return fmt.Sprintf("%v over %d runs", b, hi)
	default:
		return fmt.Sprintf("%v over %d to %d runs", b, lo, hi)
	}
}

// curvesExtent returns the ranges of x and of the bands.
func curvesExtent(curves []curve) (x, y Range) {
	x = Range{Min: math.Inf(1), Max: math.Inf(-1)}
	y = x
	for _, cv := range curves {
		x.Min, x.Max = min(x.Min, cv.x[0]), max(x.Max, cv.x[len(cv.x)-1])
		for j := range cv.x {
			y.Min, y.Max = min(y.Min, cv.lo[j]), max(y.Max, cv.hi[j])
		}
	}
	if x.Min == x.Max {
		x = padded(x)
	}
	return x, y
}

// padded widens r by a twentieth on each side, or makes room around a point.
func padded(r Range) Range {
	pad := (r.Max - r.Min) / 20
	if size := max(math.Abs(r.Min), math.Abs(r.Max)); pad <= 1e-9*size {
		pad = size / 20
	}
	if pad == 0 {
		pad = 0.5
	}
	return Range{Min: r.Min - pad, Max: r.Max + pad}
}
