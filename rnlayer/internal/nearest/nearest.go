// Package nearest averages the statistics of similar channels, with a gradient that
// keeps no matrix for the backward pass.
//
// The statistics are a and b, [n, group size, groups]: n pairs of domains, whose
// channels are compared in groups of adjacent ones by the groups' averages ā and b̄.
package nearest

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// Average returns, for every group i of a, the average of the groups of b weighted by
// their similarity to it, [n, group size, groups]:
//
//	o_i = Σ_j P_ij b_j,   P_ij = e_ij / Σ_k e_ik,   e_ij = exp(−(ā_i − b̄_j)²)
//
// With u the gradient of o and w_i = u_i / Σ_k e_ik, the gradients are, because
// Σ_j P_ij (b_j − o_i) = 0,
//
//	∂a_i = 2/size Σ_j e_ij (b̄_j − ō_i) ⟨w_i, b_j − o_i⟩
//	∂b_j = Σ_i e_ij (w_i + 2/size (ā_i − b̄_j) ⟨w_i, b_j − o_i⟩)
//
// The backward pass computes e again from a and b, so that no matrix
// [n, groups, groups] has to be kept.
func Average(a, b *Node) *Node {
	if b.Shape().Dim(1) == 1 {
		return InsertAxes(averageChannels(Squeeze(a, 1), Squeeze(b, 1)), 1)
	}
	return averageGroups(a, b)
}

// averageChannels is [Average] for groups of one channel, a and b of [n, channels]:
//
//	∂a_i = 2 w_i Σ_j e_ij (b_j − o_i)²
//	∂b_j = Σ_i e_ij (w_i + 2 w_i (a_i − b_j) (b_j − o_i))
func averageChannels(a, b *Node) *Node {
	p := newPairs(a, b)
	o, total := p.average(InsertAxes(b, 1))
	o, total = Squeeze(o, 1), Squeeze(total, 1)
	return customgrad.Value(o, []*Node{a, b}, func(adjoint *Node) []*Node {
		w := Div(adjoint, total)
		twice := MulScalar(w, 2)
		p := p.after(w)
		q := p.half()
		variance := ReduceSum(Mul(q.e(1, 2), Square(Sub(q.across(q.b, 1), q.across(MulScalar(o, 0.5), 2)))), 2) // a quarter
		slope := Mul(p.difference(2, 1), Sub(p.across(p.b, 2), p.across(o, 1)))                                 // [n, j, i]
		db := ReduceSum(Mul(p.e(2, 1), Add(p.across(w, 1), Mul(p.across(twice, 1), slope))), 2)
		sums := OptimizationBarriers(variance, db)
		return []*Node{Mul(MulScalar(w, 8), sums[0]), sums[1]}
	})
}

// averageGroups is [Average] for groups of several channels.
//
// The sums of differences in the gradients become differences of sums, which are
// matrix-vector products. Cancellation stays small because the average of b over j is
// first subtracted from b and o: with b′ and o′ for the remainders,
//
//	∂a_i = 2/size ⟨u_i, Σ_j P_ij b̄′_j b′_j − ō′_i o′_i⟩
//	∂b_j = Σ_i e_ij w_i + 2/size (⟨b′_j, Σ_i e_ij (ā_i − b̄_j) w_i⟩ − Σ_i e_ij (ā_i − b̄_j) ⟨w_i, o′_i⟩)
//
// Within a group of similar average, channels may differ as much as any others, so
// that these sums lose little precision. The sum in ∂a is computed together with o.
func averageGroups(a, b *Node) *Node {
	size := b.Shape().Dim(1)
	p := newPairs(groupMeans(a), groupMeans(b))
	centre := BroadcastToShape(ReduceAndKeep(b, ReduceMean, 2), b.Shape())
	b1 := Sub(b, centre)
	perChannel := func(x *Node) *Node { return axes.Repeat(x, 1, size) }
	products := func(x *Node) *Node { return Mul(x, perChannel(groupMeans(x))) }
	averages, total := p.average(Concatenate([]*Node{b1, products(b1)}, 1))
	o1 := SliceAxis(averages, 1, AxisRange(0, size))
	covariance := Sub(SliceAxis(averages, 1, AxisRange(size)), products(o1)) // of b and b̄
	return customgrad.Value(Add(o1, centre), []*Node{a, b}, func(adjoint *Node) []*Node {
		inner := func(x, y *Node) *Node { return ReduceSum(Mul(x, y), 1) } // ⟨x, y⟩, [n, groups]
		w := Div(adjoint, total)
		p := p.after(w)
		q := p.half()
		own := weighted(p.e(2, 1), w)
		twice := MulScalar(w, 2)
		slopes := weighted(Mul(q.e(2, 1), q.difference(2, 1)), Concatenate([]*Node{twice, InsertAxes(inner(twice, o1), 1)}, 1))
		sums := OptimizationBarriers(own, slopes)
		own, slopes = sums[0], sums[1]
		db := Sub(inner(b1, SliceAxis(slopes, 1, AxisRange(0, size))), Squeeze(SliceAxis(slopes, 1, AxisElem(size)), 1))
		scaled := func(x *Node) *Node { return perChannel(MulScalar(x, 2/float64(size))) }
		return []*Node{scaled(inner(adjoint, covariance)), Add(own, scaled(db))}
	})
}

// groupMeans returns the averages of groups, [n, group size, groups] → [n, groups].
func groupMeans(x *Node) *Node { return ReduceSum(MulScalar(x, 1/float64(x.Shape().Dim(1))), 1) }
