package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// ReliabilityOptions are the settings of [Reliability].
type ReliabilityOptions struct {
	Options
	// Bins is the number of confidence bins of equal width, 2 to 50; 0 means 15
	// (Guo et al. 2017, section 5).
	Bins int
}

const (
	defaultBins = 15
	maxBins     = 50
)

// Reliability draws a reliability diagram (Guo et al. 2017, "On Calibration of
// Modern Neural Networks"): the accuracy of predictions by their confidence,
// with the gap to the mean confidence of the bin shaded, and below it the number
// of predictions in each bin. Bin m of M holds confidences in [(m − 1)/M, m/M);
// the last bin includes 1. The subtitle gives the expected calibration error,
// Σ_m n_m/n · |accuracy_m − confidence_m|.
//
// confidence holds the greatest class probability of each prediction, in
// [0, 1], and correct whether the class was right. Reliability returns an error
// if there are no predictions, if the two differ in length, if a confidence is
// outside [0, 1], or if texts do not fit the figure.
func Reliability(confidence []float64, correct []bool, opts ReliabilityOptions) (fig *Figure, err error) {
	defer inPackage(&err)
	o, k, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if opts.Bins == 0 {
		opts.Bins = defaultBins
	}
	if err := checkCount("Bins", opts.Bins, 2, maxBins); err != nil {
		return nil, err
	}
	cal, err := newCalibration(confidence, correct, opts.Bins, k)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d predictions · accuracy %s %% · ECE %s %% (%d bins)", len(correct), layout.Percent(cal.accuracy), layout.Percent(cal.ece), opts.Bins)
	legend := layout.Legend{SampleWidth: layout.BoxSample}
	legend.Add("accuracy", cal.histogram(accuracyOf))
	legend.Add("gap to confidence", cal.gaps())
	h, err := o.header(k, note, legend)
	if err != nil {
		return nil, err
	}
	const (
		panels = 72 * vg.Millimeter
		counts = 0.32 // share of the lower panel
		least  = 40 * vg.Millimeter
	)
	height, err := h.FigureHeight(o.height(), panels)
	if err != nil {
		return nil, err
	}
	if around := h.Height() + layout.Margin; height-around < least {
		return nil, fmt.Errorf("a Height of %g mm is too little for the two panels; give at least %.0f mm, or 0 for a fitting height", o.Height, math.Ceil(layout.MM(around+least)))
	}
	paint := func(c draw.Canvas, _ medium) {
		h.Draw(c)
		body := h.Body(c)
		split := (body.Max.Y - body.Min.Y) * counts
		top, bottom := cal.accuracyPanel(), cal.countPanel()
		upper := draw.Crop(body, 0, 0, split+layout.PanelGap/2, 0)
		lower := draw.Crop(body, 0, 0, 0, split-(body.Max.Y-body.Min.Y))
		// Equal data areas: the wider y axis and last label decide.
		a, b := top.DataCanvas(upper), bottom.DataCanvas(lower)
		a.Min.X, a.Max.X = max(a.Min.X, b.Min.X), min(a.Max.X, b.Max.X)
		b.Min.X, b.Max.X = a.Min.X, a.Max.X
		top.Draw(layout.Around(top, c, a.Rectangle))
		bottom.Draw(layout.Around(bottom, c, b.Rectangle))
	}
	return newFigure(o, height, k, "Reliability diagram", paint), nil
}
