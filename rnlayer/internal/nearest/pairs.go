package nearest

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// pairs are all pairs of a group i of a and a group j of b, given by their averages
// [n, groups], with least_i = min_j (a_i − b_j)².
//
// Its methods are shaped by XLA. XLA computes a sum and the matrix [n, groups, groups]
// that it sums in one loop, and stores no matrix, provided that no other sum uses a
// part of the same matrix, not even a vector repeated along an axis. On CPUs the loop
// becomes many times slower if it also computes something from the sum. Therefore
//
//   - the matrices under different sums differ in the order of their axes, in sign or
//     by powers of two, all of which are exact;
//   - sums pass an optimization barrier, with at least two values, because go-xla
//     drops a barrier with one;
//   - the sums are not written as matrix products, which XLA may round to TF32 on GPUs.
type pairs struct {
	a, b, least *Node
	halved      bool // a and b are halves, and least a quarter, of the true values
}

func newPairs(a, b *Node) pairs {
	minus := pairs{a: Neg(a), b: Neg(b)}
	return pairs{a: a, b: b, least: ReduceMin(Square(minus.difference(1, 2)), 2)}
}

// after returns pairs whose matrices cannot be computed, and so not be kept, before
// value has been.
func (p pairs) after(value *Node) pairs {
	p.least = OptimizationBarriers(p.least, value)[0]
	return p
}

// half returns the pairs with halved averages, whose matrices share no part with p's.
func (p pairs) half() pairs {
	return pairs{MulScalar(p.a, 0.5), MulScalar(p.b, 0.5), MulScalar(p.least, 0.25), true}
}

// average returns Σ_j P_ij x_j for x [n, columns, groups], and Σ_j e_ij, [n, 1, groups].
func (p pairs) average(x *Node) (average, total *Node) {
	columns := x.Shape().Dim(1)
	x = Concatenate([]*Node{x, OnesLike(SliceAxis(x, 1, AxisElem(0)))}, 1)
	sums := OptimizationBarriers(weighted(p.e(1, 2), x), p.least)[0]
	total = SliceAxis(sums, 1, AxisElem(columns))
	return Div(SliceAxis(sums, 1, AxisRange(0, columns)), total), total
}

// across repeats x [n, groups] along a new axis, 1 or 2.
func (p pairs) across(x *Node, axis int) *Node { return axes.Repeat(x, axis, x.Shape().Dim(1)) }

// difference returns the matrix a_i − b_j with i and j on the given axes, 1 and 2 or 2
// and 1.
func (p pairs) difference(i, j int) *Node { return Sub(p.across(p.a, j), p.across(p.b, i)) }

// e returns the matrix e_ij, with i and j on the given axes, divided by the largest
// e_ij of each i: the quotient is finite for groups far from all others too.
func (p pairs) e(i, j int) *Node {
	e := Exp(Sub(p.across(p.least, j), Square(p.difference(i, j))))
	if p.halved {
		return Square(Square(e))
	}
	return e
}

// weighted returns Σ_j m_ij x_j for matrices m [n, rows, columns] and vectors x
// [n, size, columns], as [n, size, rows].
func weighted(m, x *Node) *Node {
	return ReduceSum(Mul(axes.Repeat(m, 1, x.Shape().Dim(1)), axes.Repeat(x, 2, m.Shape().Dim(1))), 3)
}
