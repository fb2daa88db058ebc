package backbone

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient returns f(x) with a gradient of its own: from y = f(x) and the
// gradient of the loss at y, gradient makes that at x. f need not have one in
// GoMLX.
//
// GoMLX has custom gradients for the identity alone. So one identity behind f
// keeps what comes down, and one before f puts ours in the place of what GoMLX
// hands it, which comes through a choice that is never taken: XLA leaves that out.
func withGradient(x *Node, f func(x *Node) *Node, gradient func(y, adjoint *Node) *Node) *Node {
	y := StopGradient(f(x))
	var adjoint *Node
	before := IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return gradient(y, adjoint) })
	never := BroadcastToShape(Const(x.Graph(), false), shapeOf(y, dtypes.Bool))
	tied := Where(never, BroadcastToShape(ReduceAllSum(before), y.Shape()), y)
	return IdentityWithCustomGradient(tied, func(_, v *Node) *Node {
		adjoint = v
		return v
	})
}

// withParameterGradient returns f(parameter) with a gradient of its own at the
// parameter: from that of the loss at the result, gradient makes that at the
// parameter. What else f depends on has GoMLX's gradient.
func withParameterGradient(parameter *Node, f, gradient func(*Node) *Node) *Node {
	var adjoint *Node
	before := IdentityWithCustomGradient(parameter, func(_, _ *Node) *Node { return gradient(adjoint) })
	return IdentityWithCustomGradient(f(before), func(_, v *Node) *Node {
		adjoint = v
		return v
	})
}
