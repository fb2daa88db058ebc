package sgd_test

import (
	"iter"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/experiments/sgd"
)

// steps is a data set of the numbers 1, 2, 1, 2, …
type steps struct{}

func (steps) Name() string { return "steps" }

func (steps) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for i := 0; ; i++ {
			if !yield(train.Batch{Inputs: []*tensors.Tensor{tensors.FromScalar(float64(1 + i%2))}}, nil) {
				return
			}
		}
	}
}

// TestAccumulatedGradients trains with GoMLX's trainer on alternating gradients of 1
// and 2. Accumulating two of them gives each step a gradient of 1.5.
func TestAccumulatedGradients(t *testing.T) {
	c := sgd.Default()
	c.LearningRate = 0.1
	store := model.NewStore()
	trainer := train.NewTrainer(backend, store, func(scope *model.Scope, _ any, inputs []*Node) []*Node {
		w := scope.VariableWithValue("w", 1.0).NodeValue(inputs[0].Graph())
		train.AddMainLoss(Mul(w, inputs[0]))
		return nil
	}, nil, newOptimizer(t, c), nil, nil)
	if err := trainer.AccumulateGradients(2); err != nil {
		t.Fatal(err)
	}
	if _, err := train.NewLoop(trainer).RunSteps(steps{}, 6); err != nil {
		t.Fatalf("%+v", err)
	}
	if got := optimizer.GetGlobalStep(store); got != 3 {
		t.Fatalf("global step %d after 6 batches, want 3", got)
	}
	want := newOracle(problem{initial: [][]float64{{1}}}, c, []float64{1}, []float64{1})
	for i := range 3 {
		want.step([][]float64{{1.5}}, i)
	}
	if got := values(t, store, "/w")[0]; math.Abs(got-want.w[0][0]) > 1e-14 {
		t.Errorf("w = %.17g, want %.17g", got, want.w[0][0])
	}
}
