package sgd_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/sgd"
)

// TestDecayAlone compares DecayAlone with the optimizer's updates of a variable whose
// gradient is 0.
func TestDecayAlone(t *testing.T) {
	const path, steps = "/model/head/gate", 25
	rules := []sgd.Rule{{Prefix: "/model/head", LearningRate: 10, WeightDecay: 1}, {Name: "gate", LearningRate: 2, WeightDecay: 3}}
	for name, c := range map[string]sgd.Config{
		"nesterov":    {LearningRate: 0.01, Gamma: 0.1, Power: 0.75, Momentum: 0.9, Nesterov: true, WeightDecay: 0.01},
		"momentum":    {LearningRate: 0.01, Momentum: 0.9, WeightDecay: 0.01},
		"no momentum": {LearningRate: 0.01, WeightDecay: 0.01},
		"rules":       {LearningRate: 0.01, Momentum: 0.9, Nesterov: true, WeightDecay: 0.01, Rules: rules},
		"no decay":    {LearningRate: 0.01, Momentum: 0.9},
	} {
		store := model.NewStore()
		o := newOptimizer(t, c)
		exec := model.MustNewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
			loss := ReduceAllSum(MulScalar(store.VariableWithValue(path, []float64{0.8}).NodeValue(g), 0))
			o.UpdateGraph(scope, g, loss)
			return loss
		})
		for range steps {
			exec.MustCall()
		}
		exec.Finalize()
		want := values(t, store, path)[0]
		if got := c.DecayAlone(path, 0.8, steps); math.Abs(got-want) > 1e-12 || (c.WeightDecay > 0) != (got < 0.8) {
			t.Errorf("%s: DecayAlone = %g, the optimizer gives %g", name, got, want)
		}
	}
}
