package experiments

import (
	"fmt"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// GateDecay is where weight decay alone takes the gates of a layer, which start at
// 1 and stop at the lower end of their range, after each number of steps from 0
// on: Steps + 1 values. The layer is a path, as in [Gates]; the gate is
// rnlayer.VarMeanGate or rnlayer.VarVarianceGate.
func (c Config) GateDecay(layer, gate string) ([]float64, error) {
	if gate != rnlayer.VarMeanGate && gate != rnlayer.VarVarianceGate {
		return nil, fmt.Errorf("unknown gate %q: want %s or %s", gate, rnlayer.VarMeanGate, rnlayer.VarVarianceGate)
	}
	norm, err := rnlayer.Lookup(c.Norm)
	if err != nil {
		return nil, err
	}
	goal, err := objective.Lookup(c.Objective)
	if err != nil {
		return nil, err
	}
	values, err := c.optimizer(norm, goal).Decay(c.Steps, model.JoinPath(layer, gate))
	for i := range values {
		values[i] = max(values[i], c.NormOptions.GateMin)
	}
	return values, err
}
