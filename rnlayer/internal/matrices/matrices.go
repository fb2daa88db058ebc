// Package matrices computes with many small square matrices at once, stored as
// [parts, groups, n, n], in operations that GoMLX can differentiate.
package matrices

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// InverseCholesky returns L⁻¹ for each matrix Σ = L Lᵀ with L lower triangular. It
// eliminates in [Σ | I]: the steps that turn Σ into Lᵀ turn I into L⁻¹. The graph grows
// with n, so that n should be small.
func InverseCholesky(sigma *Node) *Node {
	n := sigma.Shape().Dim(-1)
	at := func(x *Node, rows, columns SliceAxisSpec) *Node {
		return Slice(x, AxisRange(), AxisRange(), rows, columns)
	}
	identity := BroadcastToShape(InsertAxes(DiagonalWithValue(ScalarOne(sigma.Graph(), sigma.DType()), n), 0, 0), sigma.Shape())
	rest := Concatenate([]*Node{sigma, identity}, -1) // rows and columns from k on
	rows := make([]*Node, n)
	for k := range n {
		pivot := Sqrt(at(rest, AxisElem(0), AxisElem(0)))
		first := Div(at(rest, AxisElem(0), AxisRange(1)), pivot)
		rows[k] = at(first, AxisRange(), AxisRange(n-1-k))
		if k < n-1 {
			factor := Div(at(rest, AxisRange(1), AxisElem(0)), pivot)
			rest = Sub(at(rest, AxisRange(1), AxisRange(1)), Mul(factor, first))
		}
	}
	return Concatenate(rows, -2)
}

// Diagonals returns the diagonals of matrices [parts, groups, n, n] as
// [parts, groups·n].
func Diagonals(matrices *Node) *Node {
	dims := matrices.Shape().Dimensions
	mask := DiagonalWithValue(ScalarOne(matrices.Graph(), matrices.DType()), dims[3])
	diagonals := ReduceSum(Mul(matrices, InsertAxes(mask, 0, 0)), -1)
	return Reshape(diagonals, dims[0], dims[1]*dims[2])
}

// FromDiagonals returns diagonal matrices [parts, groups, n, n] with the values
// [parts, groups·n] on their diagonals: the inverse of [Diagonals].
func FromDiagonals(values *Node, n int) *Node {
	mask := DiagonalWithValue(ScalarOne(values.Graph(), values.DType()), n)
	columns := Reshape(values, values.Shape().Dim(0), -1, n, 1)
	return Mul(columns, InsertAxes(mask, 0, 0))
}
