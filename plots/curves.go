package plots

import (
	"fmt"

	"gonum.org/v1/plot"
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
	// XScale spaces the x axis; the default is Linear. On a logarithmic axis
	// every X must be positive.
	XScale Scale
	// Band is what is drawn around the mean; the default is BandStd. A series
	// of one run has no band.
	Band Band
	// YRange fixes the y axis, in the data's unit; lines are cut at its ends.
	// The zero value fits the data.
	YRange Range
}

// Curves draws, for each series, the mean over runs as a line and a band
// around it. Series differ in colour, dash pattern and marker. The subtitle
// says what the band is and over how many runs.
//
// It fails where there is no series or more than eight, a series is empty or
// ragged, X does not increase, a value is not finite, or names and labels do
// not fit the figure.
func Curves(series []Series, opts CurveOptions) (*Figure, error) {
	o, col, err := opts.prepared()
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

	width := o.width()
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
		p.X.Tick.Marker = plot.ConstantTicks(opts.XScale.ticks(xr, 6))
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
