package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one line of [Curves]: a quantity over training, measured at the
// same points in several runs.
type Series struct {
	// Name stands in the legend.
	Name string
	// X holds the points, strictly increasing, [points].
	X []float64
	// Runs holds a row a run (seed), [runs, points].
	Runs [][]float64
}

// Band says what the area around a mean line shows.
type Band int

const (
	// BandStd is mean ± sample standard deviation over runs (divisor n − 1).
	// It is the zero value.
	BandStd Band = iota
	// BandMinMax reaches from the lowest to the highest run.
	BandMinMax
	// BandNone draws the mean only.
	BandNone
)

// String returns what the subtitle says about the band.
func (b Band) String() string {
	switch b {
	case BandStd:
		return "mean ± std"
	case BandMinMax:
		return "mean, min–max"
	case BandNone:
		return "mean"
	default:
		return fmt.Sprintf("Band(%d)", int(b))
	}
}

// CurveOptions are the settings of [Curves].
type CurveOptions struct {
	Options
	// XLabel and YLabel name the axes; both are required.
	XLabel, YLabel string
	// Percent shows values, given as fractions, times 100 and adds "(%)" to
	// YLabel.
	Percent bool
	// Band is what is drawn around the mean; the default is BandStd. A series
	// of one run has no band.
	Band Band
	// YRange fixes the y axis, in the data's unit; lines are cut at its ends.
	// The zero value fits the data.
	YRange Range
}

// curve is a series made ready to draw, in axis units.
type curve struct {
	name         string
	x            []float64
	mean, lo, hi []float64 // [points]
	runs         int
	style        curveStyle
}

// Curves draws, for each series, the mean over runs as a line and a band
// around it. Series differ in colour, dash pattern and marker. The subtitle
// says what the band is and over how many runs.
//
// It fails where there is no series or more than eight, a series is empty or
// ragged, X does not increase, a value is not finite, or names and labels do
// not fit the figure.
func Curves(series []Series, opts CurveOptions) (*Figure, error) {
	o, err := opts.filled()
	if err != nil {
		return nil, err
	}
	col, err := o.Theme.colors()
	if err != nil {
		return nil, err
	}
	if err := checkCurveOptions(opts); err != nil {
		return nil, err
	}
	curves, err := newCurves(series, opts, col)
	if err != nil {
		return nil, err
	}

	width := vg.Length(o.Width) * vg.Millimeter
	entries := make([]legendEntry, 0, len(curves))
	for _, cv := range curves {
		entries = append(entries, legendEntry{name: cv.name, sample: cv.style.sample})
	}
	h, err := newHeader(width, o, col, joinSubtitle(o.Subtitle, curvesNote(curves, opts.Band)), entries, lineWidth)
	if err != nil {
		return nil, err
	}
	const panelHeight = 50 * vg.Millimeter
	height, err := figureHeight(o, h, panelHeight)
	if err != nil {
		return nil, err
	}
	yLabel, scale := opts.YLabel, 1.0
	if opts.Percent {
		yLabel, scale = yLabel+" (%)", 100
	}
	xr, yr := curvesExtent(curves)
	if !opts.YRange.isAuto() {
		yr = Range{Min: opts.YRange.Min * scale, Max: opts.YRange.Max * scale}
	} else {
		data := yr
		yr = padded(data)
		if opts.Percent && data.Min >= 0 { // no room for impossible shares
			yr.Min = max(yr.Min, 0)
		}
		if opts.Percent && data.Max <= 100 {
			yr.Max = min(yr.Max, 100)
		}
	}
	if err := checkLabelsFit(o, h, height, opts.XLabel, yLabel); err != nil {
		return nil, err
	}
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, lineWidth)
		p := newPanel(col, opts.XLabel, yLabel)
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = xr.Min, xr.Max, yr.Min, yr.Max
		p.X.Tick.Marker = plot.ConstantTicks(niceTicks(xr.Min, xr.Max, 6))
		p.Y.Tick.Marker = plot.ConstantTicks(niceTicks(yr.Min, yr.Max, 7))
		addGrid(p, col)
		for _, cv := range curves {
			if cv.runs > 1 && opts.Band != BandNone {
				p.Add(painter(cv.drawBand))
			}
		}
		for i, cv := range curves {
			p.Add(painter(cv.drawLine), painter(cv.drawMarkers(i, len(curves))))
		}
		p.Draw(h.body(c))
	}
	return newFigure(o, height, col, "Curves of "+opts.YLabel, paint), nil
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
			cv.x = append(cv.x, x)
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
