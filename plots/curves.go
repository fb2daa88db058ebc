package plots

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Series is one line of [Curves]: a quantity over training, measured at the
// same points in several runs.
type Series struct {
	// Name stands in the legend.
	Name string
	// X holds the points, strictly increasing, [points].
	X []float64
	// Runs holds a row per run (seed), [runs, points].
	Runs [][]float64
}

// Band selects what the area around a mean line shows.
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
	// XLabel and YLabel name the axes; both are required. A logarithmic x axis
	// adds "(log scale)" to its label.
	XLabel, YLabel string
	// Percent shows values, given as fractions, times 100 and adds "(%)" to
	// YLabel.
	Percent bool
	// XScale spaces the x axis; the default is Linear. A logarithmic axis needs
	// positive X.
	XScale Scale
	// Band selects the area around the mean; the default is BandStd. A series
	// with a single run has no band.
	Band Band
	// NoRuns is for series of one row that is not a run, for example a
	// measurement per width: the subtitle does not count runs.
	NoRuns bool
	// YRange fixes the y axis, in the unit of the data; lines end at its ends.
	// The zero value fits the data.
	YRange Range
}

// Curves draws the mean over runs of each series as a line with a band around
// it. Series differ in colour, dash pattern and marker. The subtitle names the
// band and the number of runs, if the series are runs.
//
// Curves returns an error if there is no series or more than eight, if a series
// is empty or ragged, if X does not increase, if a value is not finite, or if
// names and labels do not fit the figure.
func Curves(series []Series, opts CurveOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	curves, runs, err := newCurves(series, opts, k)
	if err != nil {
		return nil, err
	}
	legend := layout.Legend{SampleWidth: layout.LineSample}
	for _, cv := range curves {
		legend.Add(cv.name, layout.Line(cv.style.Line), cv.style.Dots())
	}
	note := runs.note(opts.Band.String())
	if opts.NoRuns && runs.single() {
		note = ""
	}
	h, err := o.header(k, note, legend)
	if err != nil {
		return nil, err
	}
	height, err := h.FigureHeight(o.height(), 50*vg.Millimeter)
	if err != nil {
		return nil, err
	}
	xLabel, yLabel := opts.labels()
	if err := h.CheckLabels(height, xLabel, yLabel); err != nil {
		return nil, err
	}
	xr, yr := opts.axes(curves)
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		p := layout.NewPanel(k, xLabel, yLabel)
		opts.XScale.layout().Apply(&p.X, xr, 6)
		layout.Scale{}.Apply(&p.Y, yr, 7)
		layout.AddGrid(p, k)
		for _, cv := range curves {
			if cv.runs > 1 && opts.Band != BandNone {
				layout.AddData(p, cv.band())
			}
		}
		for i, cv := range curves {
			layout.AddData(p, cv.line(), cv.dots(i, len(curves)))
		}
		p.Draw(h.Body(c))
	}
	return newFigure(o, height, k, "Curves of "+opts.YLabel, paint), nil
}

func (o CurveOptions) check() error {
	if o.Band < BandStd || o.Band > BandNone {
		return fmt.Errorf("unknown band %v; use BandStd, BandMinMax or BandNone", o.Band)
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

// labels returns the labels of the axes.
func (o CurveOptions) labels() (x, y string) {
	x, y = o.XLabel, o.YLabel
	if o.XScale.layout().IsLog() {
		x += " (log scale)"
	}
	if o.Percent {
		y += " (%)"
	}
	return x, y
}

// unit is the factor from the unit of the data to that of the y axis.
func (o CurveOptions) unit() float64 {
	if o.Percent {
		return 100
	}
	return 1
}

// axes returns the ranges of the axes, which the curves and their bands fill.
func (o CurveOptions) axes(curves []curve) (x, y layout.Range) {
	x, y = layout.EmptyRange(), layout.EmptyRange()
	for _, cv := range curves {
		x.Include(cv.x...)
		y.Include(cv.lo...)
		y.Include(cv.hi...)
	}
	if x.Min == x.Max {
		x = x.Padded()
	}
	switch {
	case !o.YRange.isAuto():
		return x, layout.Range(o.YRange).Times(o.unit())
	case o.Percent:
		return x, y.PaddedWithin(0, 100)
	default:
		return x, y.Padded()
	}
}
