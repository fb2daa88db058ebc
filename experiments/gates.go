package experiments

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// Gates are RN's gates in a layer at one point of a run.
type Gates struct {
	// Layer is the scope of the layer's variables.
	Layer string `json:"layer"`
	// Mean and Variance are about the gates of the two statistics, over channels
	// and domains.
	Mean     Quantiles `json:"mean"`
	Variance Quantiles `json:"variance"`
}

// Quantiles are the lowest value, the quartiles and the highest value.
type Quantiles [5]float64

// quantilesOf interpolates between values, rounded to what is worth keeping.
func quantilesOf(rows [][]float64) (q Quantiles) {
	values := slices.Concat(rows...)
	slices.Sort(values)
	const digits = 1e6
	for i := range q {
		at := float64(i) / float64(len(q)-1) * float64(len(values)-1)
		below := int(at)
		v := values[below]
		if below+1 < len(values) {
			v += (at - float64(below)) * (values[below+1] - v)
		}
		q[i] = math.Round(v*digits) / digits
	}
	return q
}

// gatesOf are the gates of the layers that have any.
func gatesOf(store *model.Store) ([]Gates, error) {
	layers, err := rnlayer.Layers(store)
	if err != nil {
		return nil, err
	}
	var all []Gates
	for _, l := range layers {
		if l.MeanGates != nil {
			all = append(all, Gates{l.Path, quantilesOf(l.MeanGates), quantilesOf(l.VarianceGates)})
		}
	}
	slices.SortFunc(all, func(a, b Gates) int { return naturalCompare(a.Layer, b.Layer) })
	return all, nil
}
