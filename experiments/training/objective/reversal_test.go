package objective_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/training/objective"
)

// TestReverseGradient reverses x² with 0.5, a coefficient of another dtype.
func TestReverseGradient(t *testing.T) {
	x := []float64{1, -2, 3}
	out, err := CallOnceN(backend, func(x, lambda *Node) []*Node {
		y := objective.ReverseGradient(x, lambda)
		return append([]*Node{y}, Gradient(ReduceAllSum(Square(y)), x, lambda)...)
	}, x, float32(0.5))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	for i, want := range []any{x, []float64{-1, 2, -3}, float32(0)} {
		if !tensors.MustFromAnyValue(want).Equal(out[i]) {
			t.Errorf("value, gradient by x, gradient by lambda: %d is %v, want %v", i, out[i], want)
		}
	}
}

// TestRampFloat32 checks that a float32 step keeps its digits early on, where
// 2/(1+e^(−x)) − 1 would lose them.
func TestRampFloat32(t *testing.T) {
	ramp := objective.DefaultRamp()
	exec := MustNewExec(backend, func(step *Node) *Node { return ramp.CoefficientNode(step) })
	for _, step := range []int{0, 1, 2, 7, 100, 10000} {
		got := float64(tensors.ToScalar[float32](exec.MustCall1(float32(step))))
		want := math.Tanh(5 * float64(step) / 10000)
		if math.Abs(got-want) > 3e-7*want {
			t.Errorf("coefficient of step %d = %.9g, want %.9g", step, got, want)
		}
	}
}

func TestRampValidate(t *testing.T) {
	if err := objective.DefaultRamp().Validate(); err != nil {
		t.Error(err)
	}
	for _, n := range []int{0, -3} {
		if err := (objective.Ramp{Iterations: n}).Validate(); err == nil {
			t.Errorf("a ramp of %d iterations is valid", n)
		}
	}
}
