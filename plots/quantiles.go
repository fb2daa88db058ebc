package plots

import (
	"errors"
	"fmt"
	"slices"
)

// Quantiles describe the distribution of a quantity over the channels of a
// layer.
type Quantiles struct{ Min, P5, P25, Median, P75, P95, Max float64 }

// QuantilesOf returns the quantiles of values, interpolated linearly between
// the order statistics at q·(n − 1) (type 7 of Hyndman and Fan 1996, the
// default of numpy.quantile). It fails where there are none or one is not
// finite.
func QuantilesOf(values []float64) (Quantiles, error) {
	if len(values) == 0 {
		return Quantiles{}, errors.New("plots: no values to take quantiles of")
	}
	for i, v := range values {
		if err := checkValue(v); err != nil {
			return Quantiles{}, fmt.Errorf("plots: value %d: %w", i, err)
		}
	}
	v := slices.Sorted(slices.Values(values))
	at := func(q float64) float64 {
		h := q * float64(len(v)-1)
		i := min(int(h), len(v)-1)
		j := min(i+1, len(v)-1)
		return v[i] + (h-float64(i))*(v[j]-v[i])
	}
	return Quantiles{
		Min: v[0], P5: at(0.05), P25: at(0.25), Median: at(0.5), P75: at(0.75), P95: at(0.95), Max: v[len(v)-1],
	}, nil
}

// ordered are the quantiles from the least to the greatest.
func (q Quantiles) ordered() [7]float64 {
	return [7]float64{q.Min, q.P5, q.P25, q.Median, q.P75, q.P95, q.Max}
}

func (q Quantiles) check() error {
	v := q.ordered()
	for i, x := range v {
		if err := checkValue(x); err != nil {
			return err
		}
		if i > 0 && x < v[i-1] {
			return fmt.Errorf("quantiles %v decrease; give them from the least to the greatest", v)
		}
	}
	return nil
}
