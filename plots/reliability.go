package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
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
// the gap to the mean confidence of the bin shaded, and below it how many
// predictions each bin holds. Bin m of M holds confidences in [(m − 1)/M,
// m/M), the last 1 too. The subtitle gives the expected calibration error,
// Σ_m n_m/n · |accuracy_m − confidence_m|.
//
// confidence holds the greatest class probability of each prediction, in
// [0, 1], and correct whether the class was right. It fails where there are no
// predictions, the two differ in length, a confidence is outside [0, 1], or
// texts do not fit the figure.
func Reliability(confidence []float64, correct []bool, opts ReliabilityOptions) (*Figure, error) {
	o, col, err := opts.prepared()
	if err != nil {
		return nil, err
	}
	if opts.Bins == 0 {
		opts.Bins = defaultBins
	}
	if opts.Bins < 2 || opts.Bins > maxBins {
		return nil, fmt.Errorf("plots: Bins %d is outside [2, %d]", opts.Bins, maxBins)
	}
	r, err := newReliability(confidence, correct, opts.Bins, col)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d predictions · accuracy %s %% · ECE %s %% (%d bins)", len(correct), percent(r.accuracy), percent(r.ece), opts.Bins)
	entries := []legendEntry{
		{name: "accuracy", sample: func(c draw.Canvas, at vg.Point) { r.fill(c, square(at)) }},
		{name: "gap to confidence", sample: func(c draw.Canvas, at vg.Point) { r.shade(c, square(at)) }},
	}
	h, err := newHeader(o.width(), o, col, joinSubtitle(o.Subtitle, note), entries, boxSample)
	if err != nil {
		return nil, err
	}
	const (
		panels = 72 * vg.Millimeter
		counts = 0.32 // share of the lower panel
	)
	height, err := figureHeight(o, h, panels)
	if err != nil {
		return nil, err
	}
	if least := 40 * vg.Millimeter; height-h.height()-margin < least {
		return nil, fmt.Errorf("plots: Height %g mm is too little for the two panels; give at least %.0f mm, or 0 for a fitting height", o.Height, math.Ceil(mm(h.height()+margin+least)))
	}
	paint := func(c draw.Canvas, _ medium) {
		h.draw(c, boxSample)
		body := h.body(c)
		split := (body.Max.Y - body.Min.Y) * counts
		top, bottom := r.accuracyPanel(), r.countPanel()
		upper, lower := draw.Crop(body, 0, 0, split+panelsGap/2, 0), draw.Crop(body, 0, 0, 0, split-(body.Max.Y-body.Min.Y))
		// Equal data areas: the wider y axis and last label decide.
		a, b := top.DataCanvas(upper), bottom.DataCanvas(lower)
		a.Min.X, a.Max.X = max(a.Min.X, b.Min.X), min(a.Max.X, b.Max.X)
		b.Min.X, b.Max.X = a.Min.X, a.Max.X
		top.Draw(around(top, c, a.Rectangle))
		bottom.Draw(around(bottom, c, b.Rectangle))
	}
	return newFigure(o, height, col, "Reliability diagram", paint), nil
}

// square is the box of a legend sample.
func square(at vg.Point) vg.Rectangle {
	half := boxSample / 2
	return vg.Rectangle{Min: vg.Point{X: at.X - half, Y: at.Y - half}, Max: vg.Point{X: at.X + half, Y: at.Y + half}}
}
