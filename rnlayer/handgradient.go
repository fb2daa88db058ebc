package rnlayer

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient returns values, functions of inputs, with a gradient of their own:
// backward returns the gradients of the inputs, given those of the values. How the
// values were computed from the inputs is not differentiated.
//
// GoMLX takes such a gradient of functions of one node only. Here the inputs have
// theirs where they enter a choice that always takes the values, which compilers
// drop.
func withGradient(values, inputs []*Node, backward func(adjoints []*Node) []*Node) []*Node {
	adjoints := make([]*Node, len(values))
	var gradients []*Node // of one backward pass, which comes to all values before the inputs
	var entries *Node
	for i, input := range inputs {
		entry := first(IdentityWithCustomGradient(input, func(_, _ *Node) *Node {
			if gradients == nil {
				for k, dy := range adjoints {
					if dy == nil {
						adjoints[k] = ZerosLike(values[k])
					}
				}
				gradients = backward(adjoints)
			}
			return gradients[i]
		}))
		if entries == nil {
			entries = entry
		} else {
			entries = Add(entries, entry)
		}
	}
	never := Const(inputs[0].Graph(), false)
	out := make([]*Node, len(values))
	for k, y := range values {
		y = Where(never, entries, StopGradient(y))
		out[k] = IdentityWithCustomGradient(y, func(_, dy *Node) *Node {
			if gradients != nil { // of an earlier pass
				clear(adjoints)
				gradients = nil
			}
			adjoints[k] = dy
			return dy
		})
	}
	return out
}

// first returns the first of values, a scalar.
func first(values *Node) *Node {
	return Reshape(Slice(values, slices.Repeat([]SliceAxisSpec{AxisElem(0)}, values.Rank())...))
}
