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
// With u the gradient of o, w_i = u_i / Σ_k e_ik, and as Σ_j P_ij (b_j − o_i) = 0:
//
//	∂a_i = 2/size Σ_j e_ij (b̄_j − ō_i) ⟨w_i, b_j − o_i⟩
//	∂b_j = Σ_i e_ij (w_i + 2/size (ā_i − b̄_j) ⟨w_i, b_j − o_i⟩)
func nearest(a, b *Node) *Node {
	if b.Shape().Dim(1) == 1 {
		return InsertAxes(nearestChannels(Squeeze(a, 1), Squeeze(b, 1)), 1)
	}
	return nearestGroups(a, b)
}

// nearestChannels is nearest for groups of one channel, a and b of [n, channels]:
//
//	∂a_i = 2 w_i Σ_j e_ij (b_j − o_i)²
//	∂b_j = Σ_i e_ij (w_i + 2 w_i (a_i − b_j) (b_j − o_i))
func nearestChannels(a, b *Node) *Node {
	p := newPairs(a, b)
	o, total := p.average(InsertAxes(b, 1))
	o, total = Squeeze(o, 1), Squeeze(total, 1)
	return withGradient([]*Node{o}, []*Node{a, b}, func(adjoints []*Node) []*Node {
		w := Div(adjoints[0], total)
		twice := MulScalar(w, 2)
		p := p.after(w)
		q := p.half()
		variance := ReduceSum(Mul(q.e(1, 2), Square(Sub(q.across(q.b, 1), q.across(MulScalar(o, 0.5), 2)))), 2) // a quarter
		slope := Mul(p.difference(2, 1), Sub(p.across(p.b, 2), p.across(o, 1)))                                 // [n, j, i]
		db := ReduceSum(Mul(p.e(2, 1), Add(p.across(w, 1), Mul(p.across(twice, 1), slope))), 2)
		sums := OptimizationBarriers(variance, db)
		return []*Node{Mul(MulScalar(w, 8), sums[0]), sums[1]}
	})[0]
}

// nearestGroups is nearest for groups of several channels. A channel of groups whose
// averages are alike may differ as much as any, so that sums of products lose little
// of what sums of differences keep, once b's average over j is taken from b and o.
// With b', o' that is left:
//
//	∂a_i = 2/size ⟨u_i, Σ_j P_ij b̄'_j b'_j − ō'_i o'_i⟩
//	∂b_j = Σ_i e_ij w_i + 2/size (⟨b'_j, Σ_i e_ij (ā_i − b̄_j) w_i⟩ − Σ_i e_ij (ā_i − b̄_j) ⟨w_i, o'_i⟩)
//
// These are sums of matrices and vectors, and that of ∂a is taken with o's.
func nearestGroups(a, b *Node) *Node {
	size := b.Shape().Dim(1)
	p := newPairs(groupMeans(a), groupMeans(b))
	centre := BroadcastToShape(ReduceAndKeep(b, ReduceMean, 2), b.Shape())
	b1 := Sub(b, centre)
	perChannel := func(x *Node) *Node { return repeat(x, 1, size) }
	products := func(x *Node) *Node { return Mul(x, perChannel(groupMeans(x))) }
	averages, total := p.average(Concatenate([]*Node{b1, products(b1)}, 1))
	o1 := SliceAxis(averages, 1, AxisRange(0, size))
	covariance := Sub(SliceAxis(averages, 1, AxisRange(size)), products(o1)) // of b and b̄
	return withGradient([]*Node{Add(o1, centre)}, []*Node{a, b}, func(adjoints []*Node) []*Node {
		inner := func(x, y *Node) *Node { return ReduceSum(Mul(x, y), 1) } // ⟨x, y⟩, [n, groups]
		w := Div(adjoints[0], total)
		p := p.after(w)
		q := p.half()
		own := weighted(p.e(2, 1), w)
		twice := MulScalar(w, 2)
		slopes := weighted(Mul(q.e(2, 1), q.difference(2, 1)), Concatenate([]*Node{twice, InsertAxes(inner(twice, o1), 1)}, 1))
		sums := OptimizationBarriers(own, slopes)
		own, slopes = sums[0], sums[1]
		db := Sub(inner(b1, SliceAxis(slopes, 1, AxisRange(0, size))), Squeeze(SliceAxis(slopes, 1, AxisElem(size)), 1))
		scaled := func(x *Node) *Node { return perChannel(MulScalar(x, 2/float64(size))) }
		return []*Node{scaled(inner(adjoints[0], covariance)), Add(own, scaled(db))}
	})[0]
}

// pairs are all pairs of groups i of a and j of b, by their averages [n, groups], with
// least_i = min_j (a_i − b_j)².
//
// XLA makes one loop of a sum and of the matrix [n, groups, groups] that it is of, and
// keeps no matrix, if no other sum uses a part of that matrix, even a vector repeated
// along an axis. On CPUs the loop is many times slower if anything is done with the sum
// in it. So the matrices of sums differ in their axes, signs or by powers of two, and
// sums go through a barrier, of two values at least: go-xla drops those of one. They are
// no matrix products, which XLA lets GPUs round to TF32.
type pairs struct {
	a, b, least *Node
	halved      bool // a and b are half, and least a quarter, of what they are
}

func newPairs(a, b *Node) pairs {
	minus := pairs{a: Neg(a), b: Neg(b)}
	return pairs{a: a, b: b, least: ReduceMin(Square(minus.difference(1, 2)), 2)}
}

// after returns pairs whose matrices cannot be computed, and kept, before value is.
func (p pairs) after(value *Node) pairs {
	p.least = OptimizationBarriers(p.least, value)[0]
	return p
}

// half returns pairs with matrices of other parts, whose difference is half as large.
func (p pairs) half() pairs {
	return pairs{MulScalar(p.a, 0.5), MulScalar(p.b, 0.5), MulScalar(p.least, 0.25), true}
}

// average returns Σ_j P_ij x_j of x [n, columns, groups], and Σ_j e_ij, [n, 1, groups].
func (p pairs) average(x *Node) (average, total *Node) {
	columns := x.Shape().Dim(1)
	x = Concatenate([]*Node{x, OnesLike(SliceAxis(x, 1, AxisElem(0)))}, 1)
	sums := OptimizationBarriers(weighted(p.e(1, 2), x), p.least)[0]
	total = SliceAxis(sums, 1, AxisElem(columns))
	return Div(SliceAxis(sums, 1, AxisRange(0, columns)), total), total
}

// across repeats x [n, groups] along a new axis, 1 or 2.
func (p pairs) across(x *Node, axis int) *Node { return repeat(x, axis, x.Shape().Dim(1)) }

// difference returns a_i − b_j, with the axes i and j, 1 and 2 or 2 and 1.
func (p pairs) difference(i, j int) *Node { return Sub(p.across(p.a, j), p.across(p.b, i)) }

// e returns e_ij, with the axes i and j, over its largest along j, for what is far
// from all others.
func (p pairs) e(i, j int) *Node {
	e := Exp(Sub(p.across(p.least, j), Square(p.difference(i, j))))
	if p.halved {
		return Square(Square(e))
	}
	return e
}

// weighted returns Σ_j m_ij x_j of matrices [n, rows, columns] and vectors
// [n, size, columns], as [n, size, rows].
func weighted(m, x *Node) *Node {
	return ReduceSum(Mul(repeat(m, 1, x.Shape().Dim(1)), repeat(x, 2, m.Shape().Dim(1))), 3)
}

// repeat repeats x along a new axis.
func repeat(x *Node, axis, times int) *Node {
	return ExpandAndBroadcast(x, slices.Insert(slices.Clone(x.Shape().Dimensions), axis, times), []int{axis})
}

// groupMeans returns the averages of groups, [n, group size, groups] → [n, groups].
func groupMeans(x *Node) *Node { return ReduceSum(MulScalar(x, 1/float64(x.Shape().Dim(1))), 1) }
