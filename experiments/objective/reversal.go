package objective

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ReverseGradient returns x, of any shape, and multiplies the gradient that flows
// back through it by −lambda, a scalar of any float dtype. No gradient flows to
// lambda.
func ReverseGradient(x, lambda *Node) *Node {
	if lambda == nil {
		Panicf("objective: gradient reversal needs a coefficient: set Batch.Lambda to a scalar")
	}
	if !lambda.IsScalar() || !lambda.DType().IsFloat() {
		Panicf("objective: the coefficient of gradient reversal has shape %s: want a float scalar", lambda.Shape())
	}
	return IdentityWithCustomGradient(x, func(_, v *Node) *Node {
		return Neg(Mul(v, ConvertDType(lambda, v.DType())))
	})
}

// Ramp is the schedule of the gradient-reversal coefficient.
type Ramp struct {
	// Iterations is the iteration at which the ramp reaches 0.9999. Default 10,000,
	// max_iter in CDAN's code, whatever the length of the run.
	Iterations int `json:"iterations"`
}

// DefaultRamp returns the ramp of CDAN's code.
func DefaultRamp() Ramp { return Ramp{Iterations: 10000} }

// Validate returns an error unless the ramp has a positive length.
func (r Ramp) Validate() error {
	if r.Iterations <= 0 {
		return fmt.Errorf("the gradient-reversal ramp takes %d iterations: it must take at least 1", r.Iterations)
	}
	return nil
}

// Coefficient returns λ(i) = 2/(1 + e^(−10 i/Iterations)) − 1 for iteration i, counted
// from 0.
func (r Ramp) Coefficient(iteration int) float64 {
	return 2/(1+math.Exp(-10*float64(iteration)/float64(r.Iterations))) - 1
}
