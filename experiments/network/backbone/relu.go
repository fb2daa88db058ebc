package backbone

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
)

// relu returns y = max(x, 0). Its derivative is 0 at x = 0, as in PyTorch, and is
// computed from y, which the next layer keeps anyway: if it used x, XLA would compute x
// again in the backward pass.
func relu(x *Node) *Node { return rectified(MaxScalar(x, 0), x) }

// addReLU returns max(x + y, 0), the end of a residual block, as max(x, −y) + y, which
// is the same number.
//
// XLA repeats an operation with one operand, such as max(·, 0), wherever its result is
// used, with everything fused into it: each block would be computed again in the
// following blocks and in their backward passes. An operation with two operands is
// computed once.
func addReLU(x, y *Node) *Node {
	sum := Add(x, y) // only for the gradient
	return rectified(Add(Max(x, Neg(y)), y), sum)
}

// rectified returns y, the ReLU of x, with the gradient ∂x = ∂y where y > 0, else 0.
func rectified(y, x *Node) *Node {
	return customgrad.Value(y, []*Node{x}, func(adjoint *Node) []*Node {
		return []*Node{Where(GreaterThan(y, ScalarZero(y.Graph(), y.DType())), adjoint, ZerosLike(adjoint))}
	})
}
