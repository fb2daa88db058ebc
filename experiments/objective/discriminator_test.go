package objective_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

func seededStore(t *testing.T, seed int64) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestDiscriminatorVariables checks the names, shapes and initial values of the
// discriminator's variables.
func TestDiscriminatorVariables(t *testing.T) {
	o := objective.DefaultOptions()
	o.DiscriminatorHidden = 100
	store := seededStore(t, 1)
	_, err := model.CallOnce(backend, store, func(scope *model.Scope, x *Node) *Node {
		return objective.MLP(o)(scope.In(objective.DiscriminatorScope), x)
	}, normal(1, 2, 60))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for _, layer := range []struct {
		name    string
		in, out int
	}{{"hidden1", 60, 100}, {"hidden2", 100, 100}, {"output", 100, 1}} {
		path := "/discriminator/" + layer.name + "/dense/"
		weights, biases := store.GetVariable(path+"weights"), store.GetVariable(path+"biases")
		if weights == nil || biases == nil {
			t.Fatalf("%s has no weights or no biases", path)
		}
		if err := weights.Shape().CheckDims(layer.in, layer.out); err != nil {
			t.Errorf("%s: %v", weights.Path(), err)
		}
		for i, b := range tensors.MustCopyFlatData[float64](biases.MustValue()) {
			if b != 0 {
				t.Errorf("%s[%d] = %g, want 0", biases.Path(), i, b)
			}
		}
		w := tensors.MustCopyFlatData[float64](weights.MustValue())
		square := 0.0
		for _, v := range w {
			square += v * v / float64(len(w))
		}
		// The mean square of n standard normal values has a standard deviation of √(2/n).
		if want := 2 / float64(layer.in+layer.out); math.Abs(square/want-1) > 4*math.Sqrt(2/float64(len(w))) {
			t.Errorf("%s has variance %.4g, want %.4g", weights.Path(), square, want)
		}
	}
}

// TestDropout checks that dropout is active in training only.
func TestDropout(t *testing.T) {
	x := normal(2, 8, 6)
	run := func(dropout float64, training bool) (first, second *tensors.Tensor) {
		o := objective.Options{DiscriminatorHidden: 32, Dropout: dropout}
		store := seededStore(t, 7)
		exec := model.MustNewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
			scope.Store().SetTraining(x.Graph(), training)
			return objective.MLP(o)(scope, x)
		})
		return exec.MustCall1(x), exec.MustCall1(x)
	}
	without, _ := run(0, true)
	if first, second := run(0.5, false); !first.Equal(without) || !second.Equal(without) {
		t.Error("dropout changes predictions in evaluation")
	}
	if first, second := run(0.5, true); first.Equal(without) || second.Equal(without) || first.Equal(second) {
		t.Error("dropout has no effect in training, or drops the same values twice")
	}
}

// TestDiscriminatorAtZero checks that hidden values of exactly 0 pass no gradient, as
// in PyTorch.
func TestDiscriminatorAtZero(t *testing.T) {
	store := seededStore(t, 9)
	gradients, err := model.CallOnceN(backend, store, func(scope *model.Scope, x *Node) []*Node {
		logits := objective.MLP(objective.Options{DiscriminatorHidden: 3})(scope, x)
		return scope.BuildTrainableVariablesGradientsGraph(ReduceAllSum(logits))
	}, [][]float64{{0, 0}})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	i := 0
	for v := range store.IterVariables() {
		if !v.Trainable {
			continue
		}
		want := 0.0
		if v.Path() == "/output/dense/biases" {
			want = 1
		}
		for _, got := range tensors.MustCopyFlatData[float64](gradients[i]) {
			if got != want {
				t.Errorf("gradient of %s is %g, want %g", v.Path(), got, want)
			}
		}
		i++
	}
	if i != 6 {
		t.Errorf("%d trainable variables, want 6", i)
	}
}
