package plots

import (
	"errors"
	"fmt"
	"slices"
)

// Quantiles describe the distribution of a quantity over the channels of a
// layer.
type Quantiles struct{ Min, P5, P25, Median, P75, P95, Max float64 }

// QuantilesOf returns the quantiles of values. It interpolates linearly between
// the order statistics at q·(n − 1): type 7 of Hyndman and Fan (1996), the
// default of numpy.quantile. It returns an error if values is empty or one of
// them is not finite.
func QuantilesOf(values []float64) (q Quantiles, err error) {
	defer inPackage(&err)
	if len(values) == 0 {
		return q, errors.New("no values to take quantiles of")
	}
	for i, v := range values {
		if err := checkValue(v); err != nil {
			return q, fmt.Errorf("value %d: %w", i, err)
		}
	}
	v := slices.Sorted(slices.Values(values))
	return Quantiles{
		Min: v[0], P5: quantile(0.05, v), P25: quantile(0.25, v), Median: quantile(0.5, v),
		P75: quantile(0.75, v), P95: quantile(0.95, v), Max: v[len(v)-1],
	}, nil
}

// quantile returns the type 7 quantile of sorted values. gonum's stat.Quantile
// has types 1 and 4 only.
func quantile(q float64, sorted []float64) float64 {
	h := q * float64(len(sorted)-1)
	i := min(int(h), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (h-float64(i))*(sorted[j]-sorted[i])
}

// ordered returns the quantiles from the least to the greatest.
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
