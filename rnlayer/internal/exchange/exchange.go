// Package exchange puts the statistics of other domains in the place of each domain's
// own, for all domains and statistics in one node.
//
// The nodes are stacks [statistics·K, channels]: the rows of the K domains for one
// statistic, then those for the next. The gradients are written out, because XLA
// would compute GoMLX's, sums of padded slices, in many more kernels.
package exchange

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// Others returns, for r = 1 … K − 1, the stack with the statistics of domain
// (d + r) mod K in the place of domain d: [n·K, channels] → [(K − 1)·n·K, channels].
// The gradient is the sum of the adjoints rolled back.
func Others(stack *Node, domains int) *Node {
	n, k := stack.Shape().Dim(0), domains
	rolled := make([]*Node, k-1)
	for i := range rolled {
		rolled[i] = roll(stack, k, i+1)
	}
	return customgrad.Value(axes.Concatenate(rolled), []*Node{stack}, func(adjoint *Node) []*Node {
		sum := roll(Slice(adjoint, AxisRange(0, n)), k, k-1)
		for i := 1; i < k-1; i++ {
			sum = Add(sum, roll(Slice(adjoint, AxisRange(i*n, (i+1)*n)), k, k-1-i))
		}
		if k > 2 {
			sum = OptimizationBarriers(sum, adjoint)[0] // see Copies
		}
		return []*Node{sum}
	})
}

// roll returns the statistics of domain (d + r) mod K in the place of domain d,
// [n·K, channels].
func roll(stack *Node, k, r int) *Node {
	var rows []*Node
	for i := 0; i < stack.Shape().Dim(0); i += k {
		rows = append(rows, Slice(stack, AxisRange(i+r, i+k)), Slice(stack, AxisRange(i, i+r)))
	}
	return axes.Concatenate(rows)
}

// Copies repeats a stack along the first axis: [n, channels] → [times·n, channels].
func Copies(stack *Node, times int) *Node {
	if times == 1 {
		return stack
	}
	all := axes.Concatenate(slices.Repeat([]*Node{stack}, times))
	return customgrad.Value(all, []*Node{stack}, func(adjoint *Node) []*Node {
		sum := ReduceSum(Reshape(adjoint, times, -1, stack.Shape().Dim(1)), 0)
		// Without the barrier XLA would sum again for each position of the layer's input.
		return OptimizationBarriers(sum, adjoint)[:1]
	})
}

// PerStatistic returns the rows of each statistic, [K, channels]. Its gradient is one
// concatenation; the gradient of slices would be a sum of zero-padded slices.
func PerStatistic(stack *Node, domains int) []*Node {
	parts := make([]*Node, stack.Shape().Dim(0)/domains)
	for i := range parts {
		parts[i] = Slice(stack, AxisRange(i*domains, (i+1)*domains))
	}
	return customgrad.Values(parts, []*Node{stack}, func(adjoints []*Node) []*Node {
		return []*Node{axes.Concatenate(adjoints)}
	})
}
