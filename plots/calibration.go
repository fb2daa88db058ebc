package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// calibration is predictions gathered in bins of confidence.
type calibration struct {
	k             layout.Inks
	bins          []confidenceBin
	accuracy, ece float64
}

type confidenceBin struct {
	count                int
	accuracy, confidence float64 // means; 0 if the bin is empty
}

func newCalibration(confidence []float64, correct []bool, bins int, k layout.Inks) (*calibration, error) {
	if len(confidence) == 0 {
		return nil, errors.New("no predictions")
	}
	if len(correct) != len(confidence) {
		return nil, fmt.Errorf("%d confidences, but %d values of correct", len(confidence), len(correct))
	}
	cal := &calibration{k: k, bins: make([]confidenceBin, bins)}
	n := float64(len(confidence))
	for i, v := range confidence {
		if err := checkWithin(v, 0, 1); err != nil {
			return nil, fmt.Errorf("confidence[%d]: %w", i, err)
		}
		b := &cal.bins[min(int(v*float64(bins)), bins-1)]
		b.count++
		b.confidence += v
		if correct[i] {
			b.accuracy++
			cal.accuracy += 1 / n
		}
	}
	for i := range cal.bins {
		if b := &cal.bins[i]; b.count > 0 {
			b.accuracy /= float64(b.count)
			b.confidence /= float64(b.count)
			cal.ece += float64(b.count) / n * math.Abs(b.accuracy-b.confidence)
		}
	}
	return cal, nil
}

// accuracyPanel is the accuracy by confidence, with the diagonal of perfect
// calibration.
func (cal *calibration) accuracyPanel() *plot.Plot {
	p := layout.NewPanel(cal.k, "", "accuracy")
	layout.Scale{}.Apply(&p.X, layout.Range{Max: 1}, 6)
	layout.Scale{}.Apply(&p.Y, layout.Range{Max: 1}, 6)
	p.X.Tick.Marker = layout.Unlabelled{Ticker: p.X.Tick.Marker}
	layout.AddGrid(p, cal.k)
	layout.AddData(p, cal.histogram(accuracyOf), cal.gaps(),
		layout.Line(cal.k.Reference(), plotter.XY{}, plotter.XY{X: 1, Y: 1}))
	return p
}

// countPanel is the number of predictions by confidence.
func (cal *calibration) countPanel() *plot.Plot {
	most := 0.0
	for _, b := range cal.bins {
		most = max(most, countOf(b))
	}
	p := layout.NewPanel(cal.k, "confidence", "count")
	layout.Scale{}.Apply(&p.X, layout.Range{Max: 1}, 6)
	layout.Scale{}.Apply(&p.Y, layout.Range{Max: most}, 4)
	layout.AddGrid(p, cal.k)
	layout.AddData(p, cal.histogram(countOf))
	return p
}

func accuracyOf(b confidenceBin) float64 { return b.accuracy }
func countOf(b confidenceBin) float64    { return float64(b.count) }

// histogram draws a value of the bins that are not empty.
func (cal *calibration) histogram(value func(confidenceBin) float64) *plotter.Histogram {
	h := &plotter.Histogram{FillColor: cal.k.Categories[0]}
	for i, b := range cal.bins {
		if lo, hi := cal.edges(i); b.count > 0 {
			h.Bins = append(h.Bins, plotter.HistogramBin{Min: lo, Max: hi, Weight: value(b)})
		}
	}
	return h
}

// gaps shades the area between accuracy and confidence, over a bar or above it.
func (cal *calibration) gaps() *plotter.Polygon {
	ink := cal.k.Categories[1]
	faint := ink
	faint.A = 0x80
	p := &plotter.Polygon{Color: faint, LineStyle: draw.LineStyle{Color: ink, Width: 0.7}}
	for i, b := range cal.bins {
		if lo, hi := cal.edges(i); b.accuracy != b.confidence {
			p.XYs = append(p.XYs, plotter.XYs{
				{X: lo, Y: b.accuracy}, {X: lo, Y: b.confidence}, {X: hi, Y: b.confidence}, {X: hi, Y: b.accuracy},
			})
		}
	}
	return p
}

// edges returns the edges of the bar of bin i. A gap separates it from the next.
func (cal *calibration) edges(i int) (lo, hi float64) {
	const gap = 0.038 // of a bin, on either side
	n := float64(len(cal.bins))
	return (float64(i) + gap) / n, (float64(i+1) - gap) / n
}
