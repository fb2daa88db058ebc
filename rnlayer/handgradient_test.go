package rnlayer_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestWithGradient: of functions of several inputs the gradient is what is written
// out, in every backward pass of a graph, and a value that a loss does not use has none.
func TestWithGradient(t *testing.T) {
	out := MustNewExec(backend, func(a, b *Node) []*Node {
		values := rnlayer.WithGradient([]*Node{Mul(a, a), ReduceAllSum(b)}, []*Node{a, b}, func(adjoints []*Node) []*Node {
			// Three times the gradient of the first, to tell it from the true one.
			return []*Node{MulScalar(Mul(adjoints[0], a), 6), BroadcastToShape(adjoints[1], b.Shape())}
		})
		var all []*Node
		for _, loss := range []*Node{
			Add(ReduceAllSum(values[0]), MulScalar(values[1], 2)), ReduceAllSum(values[0]), values[1],
		} {
			all = append(all, Gradient(loss, a, b)...)
		}
		return append(values, all...)
	}).MustCall([]float64{1, 2}, []float64{3, 4, 5})
	for i, want := range [][]float64{{1, 4}, {12}, {6, 12}, {2, 2, 2}, {6, 12}, {0, 0, 0}, {0, 0}, {1, 1, 1}} {
		requireClose(t, "output", tensors.MustCopyFlatData[float64](out[i]), want, 0)
	}
}
