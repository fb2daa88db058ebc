package record

import (
	"encoding/json"
	"math"
	"slices"
)

// Gates are RN's gates in a layer at one point of a run.
type Gates struct {
	// Layer is the scope of the layer's variables.
	Layer string `json:"layer"`
	// Mean and Variance summarize the gates of the two statistics over channels and
	// domains.
	Mean     Quantiles `json:"mean"`
	Variance Quantiles `json:"variance"`
}

// Quantiles are the minimum, the 5, 25, 50, 75 and 95 % quantiles and the maximum.
// They are zero for a statistic without gates, and in results that recorded other
// quantiles, as the first ones did.
type Quantiles [7]float64

// quantileLevels are the levels of Quantiles.
var quantileLevels = Quantiles{0, 0.05, 0.25, 0.5, 0.75, 0.95, 1}

// UnmarshalJSON implements json.Unmarshaler.
func (q *Quantiles) UnmarshalJSON(data []byte) error {
	var values []float64
	if err := json.Unmarshal(data, &values); err != nil {
		return err
	}
	*q = Quantiles{}
	if len(values) == len(q) {
		copy(q[:], values)
	}
	return nil
}

// QuantilesOf interpolates linearly between the sorted values, at level·(n − 1) as
// NumPy does, and rounds to six decimals. gonum's quantiles interpolate at
// level·n instead. Without values the quantiles are zero.
func QuantilesOf(rows [][]float64) (q Quantiles) {
	values := slices.Concat(rows...)
	if len(values) == 0 {
		return q
	}
	slices.Sort(values)
	const digits = 1e6
	for i, level := range quantileLevels {
		at := level * float64(len(values)-1)
		below := int(at)
		v := values[below]
		if below+1 < len(values) {
			v += (at - float64(below)) * (values[below+1] - v)
		}
		q[i] = math.Round(v*digits) / digits
	}
	return q
}
