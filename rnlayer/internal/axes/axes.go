// Package axes joins, repeats, splits and merges the axes of GoMLX nodes.
package axes

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Concatenate joins nodes along their first axis. It returns a single node as it is.
func Concatenate(nodes []*graph.Node) *graph.Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return graph.Concatenate(nodes, 0)
}

// Repeat inserts an axis of the given size into x and repeats x along it.
func Repeat(x *graph.Node, axis, size int) *graph.Node {
	return graph.ExpandAndBroadcast(x, slices.Insert(slices.Clone(x.Shape().Dimensions), axis, size), []int{axis})
}

// Except returns the axes of x without the given ones.
func Except(x *graph.Node, excluded ...int) []int {
	var axes []int
	for axis := range x.Rank() {
		if !slices.Contains(excluded, axis) {
			axes = append(axes, axis)
		}
	}
	return axes
}

// SplitFirst reshapes [a·b·rows, …] to [a, b, rows, …] for sizes a, b (any number of
// sizes), whose product must divide the first axis.
func SplitFirst(x *graph.Node, sizes ...int) *graph.Node {
	dims := x.Shape().Dimensions
	rows := dims[0]
	for _, n := range sizes {
		rows /= n
	}
	return graph.Reshape(x, slices.Concat(sizes, []int{rows}, dims[1:])...)
}

// MergeFirst reshapes the first axes, as many as given, to one: the inverse of
// [SplitFirst].
func MergeFirst(x *graph.Node, count int) *graph.Node {
	return graph.Reshape(x, slices.Concat([]int{-1}, x.Shape().Dimensions[count:])...)
}

// SwapFirst exchanges the first two axes.
func SwapFirst(x *graph.Node) *graph.Node {
	order := make([]int, x.Rank())
	for axis := range order {
		order[axis] = axis
	}
	order[0], order[1] = 1, 0
	return graph.TransposeAllAxes(x, order...)
}
