package backbone

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient returns f(x) with a gradient of its own instead of GoMLX's: from
// y = f(x) and the gradient of the loss at y, gradient makes that at x. GoMLX has
// custom gradients for the identity alone; so one identity behind f sees what
// comes down, and one before f puts ours in the place of what GoMLX makes of it,
// which nothing uses then and XLA leaves out.
func withGradient(x *Node, f func(x *Node) *Node, gradient func(y, adjoint *Node) *Node) *Node {
	var y, adjoint *Node
	before := IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return gradient(y, adjoint) })
	y = f(before)
	return IdentityWithCustomGradient(y, func(_, v *Node) *Node {
		adjoint = v
		return v
	})
}
