package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// Scale is the spacing of an axis.
type Scale int

const (
	// Linear is the zero value.
	Linear Scale = iota
	// Log2 puts doublings at equal distances, for sizes that are powers of two.
	Log2
	// Log10 puts decades at equal distances.
	Log10
)

// String returns the name of the scale.
func (s Scale) String() string {
	switch s {
	case Linear:
		return "linear"
	case Log2:
		return "log2"
	case Log10:
		return "log10"
	default:
		return fmt.Sprintf("Scale(%d)", int(s))
	}
}

func (s Scale) check() error {
	if s < Linear || s > Log10 {
		return fmt.Errorf("plots: unknown scale %v; use Linear, Log2 or Log10", s)
	}
	return nil
}

// checkValue reports why v has no place on the scale.
func (s Scale) checkValue(v float64) error {
	if s != Linear && v <= 0 {
		return fmt.Errorf("value %g is not positive, which a %v axis needs", v, s)
	}
	return nil
}

// at is the place of v on an axis that is itself linear: its exponent on the
// logarithmic scales.
func (s Scale) at(v float64) float64 {
	switch s {
	case Log2:
		return math.Log2(v)
	case Log10:
		return math.Log10(v)
	default:
		return v
	}
}

// ticks returns at most n ticks in r, a range of places: on the logarithmic
// scales whole powers or, where r holds fewer than two, the nice values of
// the linear scale.
func (s Scale) ticks(r Range, n int) []plot.Tick {
	if s == Linear {
		return niceTicks(r.Min, r.Max, n)
	}
	base := map[Scale]float64{Log2: 2, Log10: 10}[s]
	first, last := math.Ceil(r.Min-1e-9), math.Floor(r.Max+1e-9)
	if last-first < 1 {
		ticks := niceTicks(math.Pow(base, r.Min), math.Pow(base, r.Max), n)
		for i, t := range ticks {
			ticks[i].Value = s.at(t.Value)
		}
		return ticks
	}
	step := math.Ceil((last - first + 1) / float64(n))
	var ticks []plot.Tick
	for e := first; e <= last; e += step {
		ticks = append(ticks, plot.Tick{Value: e, Label: powerLabel(math.Pow(base, e))})
	}
	return ticks
}

// powerLabel prints a power of two or ten: in full up to five digits.
func powerLabel(v float64) string {
	format, prec := byte('f'), -1
	if v >= 1e5 || v < 1e-3*(1-1e-9) {
		format, prec = 'e', 1
		if e := math.Log10(v); math.Abs(e-math.Round(e)) < 1e-9 {
			prec = 0
		}
	}
	return strings.ReplaceAll(strconv.FormatFloat(v, format, prec, 64), "-", "−")
}
