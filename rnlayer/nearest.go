package rnlayer

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// nearest returns what statistics a look like among b, both [n, group size, groups],
// compared by [DistanceL2] between the averages ā, b̄ of groups:
//
//	o_i = Σ_j P_ij b_j,   P_ij = e_ij / Σ_k e_ik,   e_ij = exp(−(ā_i − b̄_j)²)
//
// It is correlation and the product with it, with a gradient written out, so that
// of the matrices [n, groups, groups] none has to be kept for the backward pass.
// With u the gradient of o, and as Σ_j P_ij (b_j − o_i) = 0:
//
//	∂a_i = 2/size Σ_j P_ij ⟨u_i, b_j − o_i⟩ (b̄_j − ō_i)
//	∂b_j = Σ_i P_ij (u_i + 2/size ⟨u_i, b_j − o_i⟩ (ā_i − b̄_j))
//
// On CPUs XLA makes one loop of a sum and of the matrix that it is of, and keeps no
// matrix, if nothing else uses any part of that matrix. So every sum below has one of
// its own, that differs from the others in its layout, in signs or by powers of two,
// and computes e again. ∂b is two sums, as one takes some versions of XLA ten times as
// long.
func nearest(a, b *Node) *Node {
	size, groups := b.Shape().Dim(1), b.Shape().Dim(2)
	across := func(x *Node, axis int) *Node { return repeat(x, axis, groups) }
	aMean, bMean := groupMeans(a), groupMeans(b)
	s := Neg(Square(Sub(across(aMean, 2), across(bMean, 1)))) // [n, i, j]
	e := Exp(Sub(s, across(ReduceMax(s, 2), 2)))              // over the largest, for what is far from all others
	columns := Concatenate([]*Node{b, OnesLike(SliceAxis(b, 1, AxisElem(0)))}, 1)
	sums := weighted(e, columns) // Σ_j e_ij (b_j, 1)
	total := SliceAxis(sums, 1, AxisElem(size))
	o := Div(SliceAxis(sums, 1, AxisRange(0, size)), total)
	least := ReduceMin(Square(Sub(across(bMean, 2), across(aMean, 1))), 1) // min_j (ā_i − b̄_j)², of [n, j, i]
	return withGradient([]*Node{o}, []*Node{a, b}, func(adjoints []*Node) []*Node {
		w := Div(adjoints[0], total) // P_ij u_i is e_ij w_i
		minusA, minusB, oMean := Neg(aMean), Neg(b), groupMeans(o)
		minusBMean := groupMeans(minusB)
		ws, os, minusBs := perChannel(w), perChannel(o), perChannel(minusB)
		inner := func(i, j int) *Node { // ⟨w_i, o_i − b_j⟩, in matrices with the axes i and j
			term := func(c int) *Node { return Mul(across(ws[c], j), Add(across(os[c], j), across(minusBs[c], i))) }
			sum := term(0)
			for c := 1; c < size; c++ {
				sum = Add(sum, term(c))
			}
			return sum
		}
		e := Exp(Sub(across(least, 2), Square(Sub(across(minusA, 2), across(minusBMean, 1))))) // [n, i, j]
		h := Mul(inner(1, 2), Add(across(oMean, 2), across(minusBMean, 1)))
		da := MulScalar(ReduceSum(Mul(e, h), 2), 2/float64(size))

		d := Sub(across(minusA, 1), across(minusBMean, 2)) // [n, j, i], b̄_j − ā_i
		e = Exp(Sub(across(least, 1), Square(d)))
		dbMean := MulScalar(ReduceSum(Mul(e, Mul(inner(2, 1), d)), 2), 2/float64(size))

		half := func(x *Node) *Node { return MulScalar(x, 0.5) }
		d = Sub(across(half(aMean), 1), across(half(bMean), 2))
		e = Square(Square(Exp(Sub(across(MulScalar(least, 0.25), 1), Square(d)))))
		own := weighted(e, half(w))
		db := Add(MulScalar(own, 2), repeat(dbMean, 1, size))
		return []*Node{repeat(da, 1, size), db}
	})[0]
}

// weighted returns Σ_j m_ij x_j of matrices [n, rows, columns] and vectors
// [n, size, columns], as [n, size, rows].
func weighted(m, x *Node) *Node {
	size, rows := x.Shape().Dim(1), m.Shape().Dim(1)
	if size == 1 { // Some versions of XLA are slow over an axis of one.
		return InsertAxes(ReduceSum(Mul(m, repeat(Squeeze(x, 1), 1, rows)), 2), 1)
	}
	return ReduceSum(Mul(repeat(m, 1, size), repeat(x, 2, rows)), 3)
}

// repeat repeats x along a new axis.
func repeat(x *Node, axis, times int) *Node {
	return ExpandAndBroadcast(x, slices.Insert(slices.Clone(x.Shape().Dimensions), axis, times), []int{axis})
}

// perChannel takes groups apart, [n, group size, groups] → [n, groups] each.
func perChannel(x *Node) []*Node {
	channels := make([]*Node, x.Shape().Dim(1))
	for c := range channels {
		channels[c] = Squeeze(SliceAxis(x, 1, AxisElem(c)), 1)
	}
	return channels
}

// groupMeans returns the averages of groups, [n, group size, groups] → [n, groups].
func groupMeans(x *Node) *Node {
	if x.Shape().Dim(1) == 1 {
		return Squeeze(x, 1)
	}
	return ReduceMean(x, 1)
}
