package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// niceTicks returns labelled ticks at multiples of 1, 2 or 5 · 10^k inside
// [lo, hi], as many as possible but at most n (n ≥ 2).
func niceTicks(lo, hi float64, n int) []plot.Tick {
	step := niceStep(hi-lo, n)
	if step == 0 || math.IsInf(step, 0) {
		return nil
	}
	slack := 1e-9 * (hi - lo)
	first := math.Ceil((lo - slack) / step)
	var ticks []plot.Tick
	for i := range n {
		v := (first + float64(i)) * step
		if v > hi+slack {
			break
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: tickLabel(v, step)})
	}
	return ticks
}

// fittingTicks returns as many nice ticks of an x axis as have room for their
// labels in the given width, 2 to 6.
func fittingTicks(r Range, width vg.Length) []plot.Tick {
	const gap = 6
	s := textStyle(smallSize, nil)
	for n := 6; ; n-- {
		ticks := niceTicks(r.Min, r.Max, n)
		need := vg.Length(0)
		for _, t := range ticks {
			need += s.Width(t.Label) + gap
		}
		if need <= width || n == 2 {
			return ticks
		}
	}
}

// niceStep returns the smallest of 1, 2, 5 · 10^k with which n ticks span at
// least width.
func niceStep(width float64, n int) float64 {
	raw := width / float64(n)
	if raw <= 0 {
		return 0
	}
	pow := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		// Strictly more than raw: n+1 multiples of raw fit into width.
		if m*pow > raw*(1+1e-9) {
			return m * pow
		}
	}
	return 10 * pow
}

// tickLabel formats v, a multiple of step, with no more digits than the step
// needs. Thousands are written with k and what would need more than five
// digits in scientific notation.
func tickLabel(v, step float64) string {
	if math.Abs(v) < step*1e-6 {
		return "0"
	}
	var s string
	switch mag := math.Floor(math.Log10(step) + 1e-9); {
	case mag >= 3 && math.Abs(v) < 1e6:
		s = strconv.FormatFloat(v/1e3, 'f', -1, 64) + "k"
	case mag >= 4 || mag < -4 || math.Abs(v) >= 1e6:
		s = strconv.FormatFloat(v, 'e', max(0, int(math.Floor(math.Log10(math.Abs(v))+1e-9)-mag)), 64)
	default:
		s = strconv.FormatFloat(v, 'f', max(0, -int(mag)), 64)
	}
	return strings.ReplaceAll(s, "-", "−")
}

// indexTicks returns at most n labelled ticks at multiples of a power of two,
// which is how channels are counted, inside [first, last].
func indexTicks(first, last, n int) []plot.Tick {
	step := 1
	for (last-first)/step+1 > n {
		step *= 2
	}
	var ticks []plot.Tick
	for v := (first + step - 1) / step * step; v <= last; v += step {
		ticks = append(ticks, plot.Tick{Value: float64(v), Label: strconv.Itoa(v)})
	}
	return ticks
}
