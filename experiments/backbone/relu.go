package backbone

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// relu is max(x, 0), with derivative 0 where it is 0, as PyTorch's.
func relu(x *Node) *Node {
	return withGradient(x, func(x *Node) *Node { return MaxScalar(x, 0) }, positive)
}

// addReLU is max(x + y, 0), the end of a residual block.
func addReLU(x, y *Node) *Node {
	return withGradient(Add(x, y), func(*Node) *Node { return Add(Max(x, Neg(y)), y) }, positive)
}

// positive is the gradient of a ReLU: the adjoint where the values y are positive.
func positive(y, adjoint *Node) *Node {
	return Where(GreaterThan(y, ScalarZero(y.Graph(), y.DType())), adjoint, ZerosLike(adjoint))
}
