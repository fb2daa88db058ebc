package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// reliability is predictions gathered in bins of confidence.
type reliability struct {
	col           colors
	bins          []confidenceBin
	accuracy, ece float64
}

type confidenceBin struct {
	count                int
	accuracy, confidence float64 // means; 0 where the bin is empty
}

func newReliability(confidence []float64, correct []bool, bins int, col colors) (*reliability, error) {
	if len(confidence) == 0 {
		return nil, errors.New("plots: no predictions")
	}
	if len(correct) != len(confidence) {
		return nil, fmt.Errorf("plots: %d confidences, but %d values of correct", len(confidence), len(correct))
	}
	r := &reliability{col: col, bins: make([]confidenceBin, bins)}
	n := float64(len(confidence))
	for i, v := range confidence {
		if err := checkWithin(v, 0, 1); err != nil {
			return nil, fmt.Errorf("plots: confidence[%d]: %w", i, err)
		}
		b := &r.bins[min(int(v*float64(bins)), bins-1)]
		b.count++
		b.confidence += v
		if correct[i] {
			b.accuracy++
			r.accuracy += 1 / n
		}
	}
	for i := range r.bins {
		if b := &r.bins[i]; b.count > 0 {
			b.accuracy /= float64(b.count)
			b.confidence /= float64(b.count)
			r.ece += float64(b.count) / n * math.Abs(b.accuracy-b.confidence)
		}
	}
	return r, nil
}

// accuracyPanel is accuracy by confidence with the diagonal.
func (r *reliability) accuracyPanel() *plot.Plot {
	p := newPanel(r.col, "", "accuracy")
	p.Y.Max, p.X.Max = 1, 1
	ticks := niceTicks(0, 1, 6)
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.X.Tick.Marker = unlabelled(plot.ConstantTicks(ticks))
	p.Add(lines(ticks, r.col), painter(func(c draw.Canvas, p *plot.Plot) {
		r.drawBins(c, p, func(b confidenceBin) float64 { return b.accuracy })
		fx, fy := p.Transforms(&c)
		for i, b := range r.bins {
			box := r.box(fx, fy, i, b.accuracy, b.confidence)
			if b.count > 0 && box.Max.Y > box.Min.Y {
				r.shade(c, box)
			}
		}
		c.StrokeLine2(reference(r.col), fx(0), fy(0), fx(1), fy(1))
	}))
	return p
}

// countPanel is the number of predictions by confidence.
func (r *reliability) countPanel() *plot.Plot {
	p := newPanel(r.col, "confidence", "count")
	p.X.Max = 1
	for _, b := range r.bins {
		p.Y.Max = max(p.Y.Max, float64(b.count))
	}
	p.Y.Min = 0
	ticks := niceTicks(0, p.Y.Max, 4)
	p.X.Tick.Marker = plot.ConstantTicks(niceTicks(0, 1, 6))
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Add(lines(ticks, r.col), painter(func(c draw.Canvas, p *plot.Plot) {
		r.drawBins(c, p, func(b confidenceBin) float64 { return float64(b.count) })
	}))
	return p
}

// drawBins draws a bar a bin, as high as the value of it.
func (r *reliability) drawBins(c draw.Canvas, p *plot.Plot, value func(confidenceBin) float64) {
	fx, fy := p.Transforms(&c)
	for i, b := range r.bins {
		if b.count > 0 {
			r.fill(c, r.box(fx, fy, i, 0, value(b)))
		}
	}
}

// box is the part of bin i between two values.
func (r *reliability) box(fx, fy func(float64) vg.Length, i int, from, to float64) vg.Rectangle {
	n := float64(len(r.bins))
	const gap = 0.5
	return vg.Rectangle{
		Min: vg.Point{X: fx(float64(i)/n) + gap, Y: fy(min(from, to))},
		Max: vg.Point{X: fx(float64(i+1)/n) - gap, Y: fy(max(from, to))},
	}
}

func (r *reliability) fill(c draw.Canvas, box vg.Rectangle) {
	c.SetColor(r.col.categories[0])
	c.Fill(box.Path())
}

// shade marks a gap, over a bar or above it.
func (r *reliability) shade(c draw.Canvas, box vg.Rectangle) {
	ink := r.col.categories[1]
	faint := ink
	faint.A = 0x80
	c.SetColor(faint)
	c.Fill(box.Path())
	c.SetLineStyle(draw.LineStyle{Color: ink, Width: 0.7})
	c.Stroke(box.Path())
}
