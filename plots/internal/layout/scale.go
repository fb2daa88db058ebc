package layout

import (
	"math"

	"gonum.org/v1/plot"
)

// Scale is the spacing of an axis: linear if Base is 0, otherwise logarithmic
// with ticks at powers of Base, 2 or 10.
//
// A logarithmic axis is a linear axis of exponents. (plot.LogScale would take
// the values themselves, but gonum then reserves room for the label of the axis
// at the arithmetic middle of the range, which shrinks the panel.)
type Scale struct{ Base float64 }

// IsLog reports whether the scale is logarithmic.
func (s Scale) IsLog() bool { return s.Base != 0 }

// at returns the position of a value on the axis: its exponent if the scale is
// logarithmic.
func (s Scale) at(v float64) float64 {
	switch s.Base {
	case 0:
		return v
	case 2:
		return math.Log2(v)
	default:
		return math.Log10(v)
	}
}

// AllAt returns the positions of values.
func (s Scale) AllAt(values []float64) []float64 {
	at := make([]float64, len(values))
	for i, v := range values {
		at[i] = s.at(v)
	}
	return at
}

// Apply gives an axis a range of positions and at most n labelled ticks.
func (s Scale) Apply(a *plot.Axis, r Range, n int) {
	a.Min, a.Max = r.Min, r.Max
	if s.IsLog() {
		a.Tick.Marker = LogTicks{Scale: s, AtMost: n}
	} else {
		a.Tick.Marker = NiceTicks{AtMost: n}
	}
}
