package objective

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ReverseGradient is the identity on x of any shape; the gradient that flows
// back through it is multiplied by −lambda, a scalar of any float dtype. No
// gradient flows to lambda.
func ReverseGradient(x, lambda *Node) *Node {
	if lambda == nil {
		Panicf("objective: gradient reversal without a coefficient: set Batch.Lambda to a scalar")
	}
	if !lambda.IsScalar() || !lambda.DType().IsFloat() {
		Panicf("objective: gradient reversal with a coefficient of shape %s, want a float scalar", lambda.Shape())
	}
	return IdentityWithCustomGradient(x, func(_, v *Node) *Node {
		return Neg(Mul(v, ConvertDType(lambda, v.DType())))
	})
}

// Ramp is the schedule of the gradient-reversal coefficient.
type Ramp struct {
	// Iterations is where the ramp has reached 0.9999. Default 10,000 (max_iter
	// of CDAN's code, whatever the length of the run).
	Iterations int `json:"iterations"`
}

// DefaultRamp is that of CDAN's code.
func DefaultRamp() Ramp { return Ramp{Iterations: 10000} }

// Validate reports a ramp of no length.
func (r Ramp) Validate() error {
	if r.Iterations <= 0 {
		return fmt.Errorf("the gradient-reversal ramp is %d iterations long: it must be positive", r.Iterations)
	}
	return nil
}

// Coefficient is λ(i) = 2/(1 + e^(−10 i/Iterations)) − 1 at iteration i, from 0.
func (r Ramp) Coefficient(iteration int) float64 {
	return 2/(1+math.Exp(-10*float64(iteration)/float64(r.Iterations))) - 1
}

// CoefficientNode is [Ramp.Coefficient] in the graph, for a step [] that counts
// from 0, such as the global step before it is incremented; a scalar, float64
// for integer steps and at least float32 for float ones. It is written
// tanh(5 step/Iterations), the same function, which loses no digits at the
// first steps in float32.
func (r Ramp) CoefficientNode(step *Node) *Node {
	if err := r.Validate(); err != nil {
		Panicf("objective: %v", err)
	}
	if !step.IsScalar() {
		Panicf("objective: gradient-reversal ramp at steps of shape %s, want a scalar", step.Shape())
	}
	if step.DType().IsInt() {
		step = ConvertDType(step, dtypes.Float64)
	}
	return Tanh(MulScalar(wide(step), 5/float64(r.Iterations)))
}
