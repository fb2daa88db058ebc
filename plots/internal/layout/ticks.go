package layout

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// NiceTicks puts labelled ticks at multiples of 1, 2 or 5 · 10^k inside an
// axis: as many as possible, but not more than AtMost, which is at least 2.
//
// (plot.DefaultTicks always aims at three labels, may print two of them alike
// on a narrow range, and writes hyphens for minus signs.)
type NiceTicks struct{ AtMost int }

// Ticks implements plot.Ticker.
func (t NiceTicks) Ticks(lo, hi float64) []plot.Tick {
	step := niceStep(hi-lo, t.AtMost)
	if step == 0 || math.IsInf(step, 0) {
		return nil
	}
	slack := 1e-9 * (hi - lo)
	first := math.Ceil((lo - slack) / step)
	var ticks []plot.Tick
	for i := range t.AtMost {
		v := (first + float64(i)) * step
		if v > hi+slack {
			break
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: tickLabel(v, step)})
	}
	return ticks
}

// FittingTicks are the most [NiceTicks] of an x axis, 2 to 6, whose labels fit
// its width.
type FittingTicks struct{ Width vg.Length }

// Ticks implements plot.Ticker.
func (t FittingTicks) Ticks(lo, hi float64) []plot.Tick {
	const gap = 6
	s := Text(SmallSize, nil)
	for n := 6; ; n-- {
		ticks := NiceTicks{AtMost: n}.Ticks(lo, hi)
		need := vg.Length(0)
		for _, tick := range ticks {
			need += s.Width(tick.Label) + gap
		}
		if need <= t.Width || n == 2 {
			return ticks
		}
	}
}

// LogTicks puts at most AtMost labelled ticks on an axis of exponents: at whole
// powers of the base, or at [NiceTicks] if the axis has fewer than two powers.
// If every power of ten has a label, minor ticks stand at 2 to 9 times the
// powers.
type LogTicks struct {
	Scale
	AtMost int
}

// Ticks implements plot.Ticker.
func (t LogTicks) Ticks(lo, hi float64) []plot.Tick {
	first, last := math.Ceil(lo-1e-9), math.Floor(hi+1e-9)
	if last-first < 1 {
		ticks := NiceTicks{AtMost: t.AtMost}.Ticks(math.Pow(t.Base, lo), math.Pow(t.Base, hi))
		for i := range ticks {
			ticks[i].Value = t.at(ticks[i].Value)
		}
		return ticks
	}
	step := math.Ceil((last - first + 1) / float64(t.AtMost))
	var ticks []plot.Tick
	for e := first; e <= last; e += step {
		ticks = append(ticks, plot.Tick{Value: e, Label: powerLabel(math.Pow(t.Base, e))})
	}
	if t.Base == 10 && step == 1 {
		for e := first - 1; e <= last; e++ {
			for m := 2.0; m < 10; m++ {
				if at := e + math.Log10(m); at >= lo && at <= hi {
					ticks = append(ticks, plot.Tick{Value: at})
				}
			}
		}
	}
	return ticks
}

// IndexTicks puts at most AtMost labelled ticks at multiples of a power of two,
// the usual unit of channel counts.
type IndexTicks struct{ AtMost int }

// Ticks implements plot.Ticker.
func (t IndexTicks) Ticks(lo, hi float64) []plot.Tick {
	first, last := int(math.Ceil(lo)), int(math.Floor(hi))
	step := 1
	for (last-first)/step+1 > t.AtMost {
		step *= 2
	}
	var ticks []plot.Tick
	for v := (first + step - 1) / step * step; v <= last; v += step {
		ticks = append(ticks, plot.Tick{Value: float64(v), Label: strconv.Itoa(v)})
	}
	return ticks
}

// Unlabelled are the ticks of another ticker without their labels.
type Unlabelled struct{ plot.Ticker }

// Ticks implements plot.Ticker.
func (t Unlabelled) Ticks(lo, hi float64) []plot.Tick {
	var ticks []plot.Tick
	for _, tick := range t.Ticker.Ticks(lo, hi) {
		ticks = append(ticks, plot.Tick{Value: tick.Value})
	}
	return ticks
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

// tickLabel prints v, a multiple of step, with as many digits as the step
// needs. It writes thousands with k, and numbers that would need more than
// five digits in scientific notation.
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
	return minus(s)
}

// powerLabel prints a power of two or ten, in full up to five digits.
func powerLabel(v float64) string {
	format, prec := byte('f'), -1
	if v >= 1e5 || v < 1e-3*(1-1e-9) {
		format, prec = 'e', 1
		if e := math.Log10(v); math.Abs(e-math.Round(e)) < 1e-9 {
			prec = 0
		}
	}
	return minus(strconv.FormatFloat(v, format, prec, 64))
}
