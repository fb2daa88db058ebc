package sgd_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/sgd"
)

// TestDecay compares with the optimizer on a variable that the loss does not
// depend on.
func TestDecay(t *testing.T) {
	const steps = 30
	for name, c := range map[string]sgd.Config{
		"nesterov": {LearningRate: 0.1, Gamma: 0.01, Power: 0.75, Momentum: 0.9, Nesterov: true, WeightDecay: 0.01},
		"plain":    {LearningRate: 0.1, Gamma: 0.01, Power: 0.75, Momentum: 0.5, WeightDecay: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			c.Rules = []sgd.Rule{{Name: "gate", LearningRate: 2, WeightDecay: 3}, {Name: "weights", LearningRate: 9, WeightDecay: 9}}
			want, err := c.Decay(steps, "/model/gate")
			if err != nil {
				t.Fatal(err)
			}
			if len(want) != steps+1 || want[0] != 1 {
				t.Fatalf("%d values from %g on, want %d from 1 on", len(want), want[0], steps+1)
			}
			opt, store := newOptimizer(t, c), model.NewStore()
			exec := model.MustNewExec(backend, store, func(scope *model.Scope, g *Graph) *Node {
				model := scope.In("model")
				a, b := model.VariableWithValue("gate", []float64{1}).NodeValue(g), model.VariableWithValue("weights", []float64{1}).NodeValue(g)
				loss := MulScalar(ReduceAllSum(Add(a, b)), 0)
				opt.UpdateGraph(scope, g, loss)
				return loss
			})
			for i := range steps {
				exec.MustCall1()
				if got := values(t, store, "/model/gate")[0]; math.Abs(got-want[i+1]) > 1e-12 {
					t.Fatalf("after %d iterations the optimizer is at %.15g, Decay at %.15g", i+1, got, want[i+1])
				}
			}
		})
	}
}

// TestDecayPaper holds the formula of Decay's comment to the paper's settings.
func TestDecayPaper(t *testing.T) {
	c := sgd.Default()
	path, err := c.Decay(20004, "/model/gate")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i := range 20004 {
		sum += c.Rate(i)
	}
	last, formula := path[len(path)-1], math.Exp(-c.WeightDecay/(1-c.Momentum)*sum)
	if math.Abs(last-formula) > 1e-4 || math.Abs(last-0.955) > 1e-3 {
		t.Errorf("the paper's settings take it to %.5f, the formula to %.5f, want 0.955", last, formula)
	}
}

func TestDecayMisuse(t *testing.T) {
	_, err := sgd.Default().Decay(-1, "")
	requireError(t, err, "-1 iterations")
	_, err = sgd.Config{}.Decay(1, "")
	requireError(t, err, "learning rate is 0")
}
