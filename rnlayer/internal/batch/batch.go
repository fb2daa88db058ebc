// Package batch computes the statistics of a batch whose rows form parts, usually one
// part a domain, and normalizes the parts with them.
//
// A [Batch] is x [batch, …, channels, …]. Its parts are consecutive rows, and the
// samples of a channel in a part are that channel's values in all rows and positions of
// the part. Statistics are [parts, channels].
//
// Gradients and reductions are written so that XLA makes few passes over the
// activations; comments say where and why.
package batch

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// Batch is a batch of activations in parts.
type Batch struct {
	X     *Node
	Axis  int   // of the channels; not the first
	Parts []int // rows of each part, in order
}

// Whole returns x as a batch of one part.
func Whole(x *Node, axis int) Batch { return Batch{x, axis, []int{x.Shape().Dim(0)}} }

// Samples returns the number of samples of a channel in part d.
func (b Batch) Samples(d int) int {
	return b.Parts[d] * b.X.Shape().Size() / (b.X.Shape().Dim(0) * b.X.Shape().Dim(b.Axis))
}

// even reports whether all parts have the same number of rows.
func (b Batch) even() bool {
	return !slices.ContainsFunc(b.Parts, func(n int) bool { return n != b.Parts[0] })
}

// pieces cuts x, which has the shape of the batch, into pieces [parts, rows, …]: one
// piece if all parts have the same number of rows, because a reshape copies nothing,
// otherwise one piece a part.
//
// Activations [batch, channels] are small and always cut into one piece a part: XLA's
// CUDA compiler may fuse their reshape into the preceding matrix product, and then
// fails if the number of rows is not a power of two.
func (b Batch) pieces(x *Node) []*Node {
	dims := x.Shape().Dimensions
	if len(dims) > 2 && b.even() {
		return []*Node{Reshape(x, slices.Concat([]int{len(b.Parts), b.Parts[0]}, dims[1:])...)}
	}
	out := make([]*Node, len(b.Parts))
	start := 0
	for d, rows := range b.Parts {
		out[d] = InsertAxes(Slice(x, AxisRange(start, start+rows)), 0)
		start += rows
	}
	return out
}

// sums returns Σx over the samples of each part, [parts, channels], for x of the shape
// of the batch.
func (b Batch) sums(x *Node) *Node {
	pieces := b.pieces(x)
	for d, piece := range pieces {
		pieces[d] = ReduceSum(piece, axes.Except(piece, 0, b.Axis+1)...)
	}
	return axes.Concatenate(pieces)
}

// squares returns Σx² over the samples of each part, [parts, channels]. It sums within
// rows first: on CPUs XLA's sums are slower if the products are cut into pieces before.
func (b Batch) squares(x *Node) *Node {
	positions := axes.Except(x, 0, b.Axis)
	if len(b.Parts) == 1 || len(positions) == 0 {
		return b.sums(Square(x))
	}
	rows := ReduceSum(Square(x), positions...) // [batch, channels]
	return Batch{rows, 1, b.Parts}.sums(rows)
}

// perSample divides values [parts, channels] by the part's number of samples n, minus
// the given degrees of freedom: 0 for n, 1 for n − 1.
func (b Batch) perSample(values *Node, degrees int) *Node {
	if b.even() {
		return DivScalar(values, float64(b.Samples(0)-degrees))
	}
	n := make([]float64, len(b.Parts))
	for d := range n {
		n[d] = float64(b.Samples(d) - degrees)
	}
	return Div(values, InsertAxes(ConvertDType(Const(values.Graph(), n), values.DType()), -1))
}

// align repeats values [parts, channels] for the samples of each part and channel: the
// result has the shape of the batch. Its gradient is [Batch.sums].
//
// The values are repeated for the rows, rather than the batch cut into pieces. XLA's
// CUDA compiler lays pieces out for the sums over them, with the samples innermost,
// unless an operation between the two forbids it; and it cannot compile a matrix
// product fused with the reordering of such an operand.
func (b Batch) align(values *Node) *Node {
	return customgrad.Value(b.spread(values), []*Node{values}, func(adjoint *Node) []*Node {
		return []*Node{b.sums(adjoint)}
	})
}

// spread is align with GoMLX's own gradient, for values that need none.
func (b Batch) spread(values *Node) *Node {
	dims := b.X.Shape().Dimensions
	if len(b.Parts) == 1 {
		return ExpandAndBroadcast(Squeeze(values, 0), dims, axes.Except(b.X, b.Axis))
	}
	var rows *Node // [batch, channels]
	if b.even() {
		rows = Reshape(axes.Repeat(values, 1, b.Parts[0]), dims[0], -1)
	} else {
		all := make([]*Node, len(b.Parts))
		for d, n := range b.Parts {
			all[d] = axes.Repeat(Squeeze(Slice(values, AxisElem(d)), 0), 0, n)
		}
		rows = axes.Concatenate(all)
	}
	return ExpandAndBroadcast(rows, dims, axes.Except(b.X, 0, b.Axis))
}
