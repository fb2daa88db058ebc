package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient returns y, a function of inputs of y's shape, with a gradient of
// its own: backward returns the gradients of the inputs, given that of y. How y
// was computed from them is not differentiated.
//
// GoMLX takes such a gradient of functions of one node only. Here the inputs have
// theirs where they enter a choice that always takes y, which compilers drop.
func withGradient(y *Node, inputs []*Node, backward func(dy *Node) []*Node) *Node {
	var gradients []*Node // of one backward pass, which comes to y before the inputs
	never := Const(y.Graph(), false)
	y = StopGradient(y)
	for i, input := range inputs {
		input.AssertDims(y.Shape().Dimensions...)
		entry := IdentityWithCustomGradient(input, func(_, _ *Node) *Node { return gradients[i] })
		y = Where(never, entry, y)
	}
	return IdentityWithCustomGradient(y, func(_, dy *Node) *Node {
		gradients = backward(dy)
		return dy
	})
}
