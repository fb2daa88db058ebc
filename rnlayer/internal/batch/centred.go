package batch

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// Centred is a batch minus a constant c of each part and channel: x − c. It is the only
// copy of the activations that a layer keeps: the variance, the result and all
// gradients are computed from x − c. With c the mean, float32 loses no digits where
// the mean is large compared with the deviation.
//
// The layer's result (x − μ)·s + β, with statistics μ and s that depend on x, is
//
//	y = (x − c)·s + t,   t = β − (μ − c)·s   [parts, channels]
//
// Because c is a constant, a backward pass reads the activations only for
//
//   - Σ∂y and Σ∂y·(x − c), the gradients of t and s, and
//   - ∂x = s·∂y + ∂m/n + 2∂v·(x − m)/(n − 1), where ∂m and ∂v are the gradients of mean
//     and variance that result from those of t and s.
type Centred struct {
	Batch          // x − c
	constant *Node // c [parts, channels]
}

// Minus subtracts values [parts, channels]. No gradient flows through them.
func (b Batch) Minus(values *Node) Centred {
	constant := StopGradient(values)
	return Centred{Batch{Sub(b.X, b.spread(constant)), b.Axis, b.Parts}, constant}
}

// Normalize returns (x − mean)·scale + offset in the shape of the batch. All three are
// [parts, channels].
func (c Centred) Normalize(mean, scale, offset *Node) *Node {
	offset = Sub(offset, Mul(Sub(mean, c.constant), scale))
	own := OptimizationBarriers(scale, offset) // or XLA computes them again for each sample
	return Add(Mul(c.X, c.align(own[0])), c.align(own[1]))
}

// Scale returns s = γ r with r = 1/√(variance + ε). Its gradient is
//
//	∂γ = r ∂s,   ∂variance = −∂γ s r/2
func Scale(gamma, variance *Node, epsilon float64) *Node {
	r := Rsqrt(AddScalar(variance, epsilon))
	s := Mul(gamma, r)
	return customgrad.Value(s, []*Node{gamma, variance}, func(adjoint *Node) []*Node {
		dGamma := Mul(adjoint, r)
		return []*Node{dGamma, MulScalar(Mul(Mul(dGamma, s), r), -0.5)}
	})
}

// PerPart returns a parameter, [channels] or [parts, channels], as [parts, channels].
//
// The gradient of a parameter that the parts share is a sum of slices, not a reduction:
// XLA would merge a reduction with the preceding one over the activations, and then
// read them once for this sum and once for the sums of the parts.
func PerPart(parameter *Node, parts int) *Node {
	switch {
	case parameter.Rank() == 2:
		return parameter
	case parts == 1:
		return InsertAxes(parameter, 0)
	}
	return customgrad.Value(axes.Repeat(parameter, 0, parts), []*Node{parameter}, func(adjoint *Node) []*Node {
		sum := Slice(adjoint, AxisElem(0))
		for d := 1; d < parts; d++ {
			sum = Add(sum, Slice(adjoint, AxisElem(d)))
		}
		return []*Node{Squeeze(sum, 0)}
	})
}
