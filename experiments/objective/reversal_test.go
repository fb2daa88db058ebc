package objective_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

// TestReverseGradient reverses the gradient of x² with a coefficient of another
// dtype.
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
			t.Errorf("output %d of (value, gradient of x, gradient of lambda) is %v, want %v", i, out[i], want)
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
