package experiments

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/training/objective"
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

// Quantiles are the lowest value, the quantiles at 5, 25, 50, 75 and 95 % and the
// highest value; zero where a result has others, as those had of before 5 and
// 95 % were among them.
type Quantiles [7]float64

// quantileLevels are those of Quantiles.
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

// quantilesOf interpolates linearly between values, rounded to what is worth
// keeping.
func quantilesOf(rows [][]float64) (q Quantiles) {
	values := slices.Concat(rows...)
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

// gatesOf are the gates of the layers that have any.
func gatesOf(store *model.Store) ([]Gates, error) {
	layers, err := layersOf(store)
	if err != nil {
		return nil, err
	}
	var all []Gates
	for _, l := range layers {
		if l.MeanGates != nil {
			all = append(all, Gates{l.Path, quantilesOf(l.MeanGates), quantilesOf(l.VarianceGates)})
		}
	}
	return all, nil
}

// GatesByDecay is where weight decay alone takes the gates of a layer, which
// begin at 1, in a number of steps: gates that are there have learned nothing. The
// layer's path is that of [Gates].
func (c Config) GatesByDecay(layer string, steps int) (float64, error) {
	norm, err := rnlayer.Lookup(c.Norm)
	if err != nil {
		return 0, err
	}
	goal, err := objective.Lookup(c.Objective)
	if err != nil {
		return 0, err
	}
	gate := c.optimizer(norm, goal).DecayAlone(model.JoinPath(layer, rnlayer.VarMeanGate), 1, steps)
	return max(gate, c.NormOptions.GateMin), nil
}
