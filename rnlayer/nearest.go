package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// nearest returns what statistics a look like among b, both [n, groups, group size],
// compared by [DistanceL2] between the averages ā, b̄ of groups:
//
//	o_i = Σ_j P_ij b_j,   P_ij = e_ij / Σ_k e_ik,   e_ij = exp(−(ā_i − b̄_j)²)
//
// It is correlation and the product with it, with a gradient written out, so that
// of the matrices [n, groups, groups] none has to be kept for the backward pass,
// and the forward pass is one loop for XLA. With u the gradient of o:
//
//	∂b_j = Σ_i P_ij u_i + ∂b̄_j/size      H_ij = P_ij ⟨u_i, b_j − o_i⟩ (ā_i − b̄_j)
//	∂a_i = ∂ā_i/size                     ∂ā_i = −2 Σ_j H_ij,   ∂b̄_j = 2 Σ_i H_ij
func nearest(a, b *Node) *Node {
	size := b.Shape().Dim(-1)
	aMean, bMean := ReduceMean(a, -1), ReduceMean(b, -1)
	e := closeness(InsertAxes(aMean, 2), InsertAxes(bMean, 1), 2) // [n, i, j]
	// Both sums over j in one product: Σ_j e_ij (b_j, 1).
	sums := Einsum("nij,njg->nig", e, Concatenate([]*Node{b, OnesLike(InsertAxes(bMean, -1))}, -1))
	total := SliceAxis(sums, 2, AxisElem(size))
	o := Div(SliceAxis(sums, 2, AxisRange(0, size)), total)
	return withGradient(o, []*Node{a, b}, func(u *Node) []*Node {
		w := Div(u, total) // P_ij u_i is e_ij w_i
		// The other way round, [n, j, i], XLA takes it for another matrix, which it
		// does not keep from the forward pass on.
		rows, columns := InsertAxes(aMean, 1), InsertAxes(bMean, 2)
		e := closeness(rows, columns, 1)
		h := Mul(Mul(e, inner(b, w, o)), Sub(rows, columns))
		perGroup := func(d *Node, factor float64) *Node {
			return BroadcastToShape(InsertAxes(MulScalar(d, factor/float64(size)), -1), b.Shape())
		}
		da := perGroup(ReduceSum(h, 1), -2)
		db := Add(Einsum("nji,nig->njg", e, w), perGroup(ReduceSum(h, 2), 2))
		return []*Node{da, db}
	})
}

// closeness returns exp(−(a − b)²), which broadcast, over its largest value along
// an axis, for the statistic that is far from all others.
func closeness(a, b *Node, axis int) *Node {
	s := Neg(Square(Sub(a, b)))
	return Exp(Sub(s, StopGradient(ReduceAndKeep(s, ReduceMax, axis))))
}

// inner returns ⟨w_i, b_j − o_i⟩, [n, j, i], of vectors [n, groups, group size].
func inner(b, w, o *Node) *Node {
	if b.Shape().Dim(-1) == 1 {
		column := func(x *Node) *Node { return Squeeze(InsertAxes(x, 1), -1) }
		return Mul(column(w), Sub(b, column(o)))
	}
	return Sub(Einsum("njg,nig->nji", b, w), InsertAxes(ReduceSum(Mul(w, o), -1), 1))
}
