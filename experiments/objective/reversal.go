package objective

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ReverseGradient is the identity; the gradient that flows back through it is
// multiplied by −lambda, a scalar.
func ReverseGradient(x, lambda *Node) *Node {
	if lambda == nil || !lambda.IsScalar() {
		Panicf("objective: gradient reversal needs a scalar coefficient")
	}
	return IdentityWithCustomGradient(x, func(_, v *Node) *Node {
		return Neg(Mul(v, ConvertDType(lambda, v.DType())))
	})
}

// Ramp is the schedule of the gradient-reversal coefficient.
type Ramp struct {
	// Iterations is where the ramp has reached 0.9999. Default 10,000 (CDAN's
	// code).
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
