package backbone

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// relu is max(x, 0). Its derivative is 0 where it is 0, as PyTorch's, and is taken
// from its values, which the next layer needs anyway: from x XLA would compute x
// anew in the backward pass.
func relu(x *Node) *Node {
	return withGradient(x, func(x *Node) *Node { return MaxScalar(x, 0) }, wherePositive)
}

// addReLU is max(x + y, 0), the end of a residual block, as max(x, −y) + y: the
// same numbers. XLA repeats what takes one array, such as max(·, 0), wherever it is
// used, with all that is fused into it, so that every block would be computed anew
// in those after it and in their backward passes; what takes two it computes once.
func addReLU(x, y *Node) *Node {
	return withGradient(Add(x, y), func(*Node) *Node { return Add(Max(x, Neg(y)), y) }, wherePositive)
}

// wherePositive is the gradient of a ReLU: the adjoint where the values y are positive.
func wherePositive(y, adjoint *Node) *Node {
	return Where(GreaterThan(y, ScalarZero(y.Graph(), y.DType())), adjoint, ZerosLike(adjoint))
}
