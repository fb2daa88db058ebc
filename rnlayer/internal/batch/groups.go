package batch

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// Covariances returns the mean of every part, [parts, channels], and the biased
// covariances between the channels of each group of n adjacent ones, divided by the
// number of samples, [parts, channels/n, n, n].
//
// Covariances and [Batch.Transform] are written as element-wise products: GPUs may
// round a matrix product to TF32.
func (b Batch) Covariances(n int) (mean, covariance *Node) {
	mean = b.means()
	var all []*Node
	for d, x := range b.pieces(Sub(b.X, b.align(mean))) {
		x = b.grouped(x, n)
		entries := make([][]*Node, n) // [parts, groups, 1] each
		for i := range entries {
			entries[i] = make([]*Node, n)
			for j := range i + 1 {
				products := Mul(SliceAxis(x, 3, AxisElem(i)), SliceAxis(x, 3, AxisElem(j)))
				entries[i][j] = DivScalar(ReduceSum(products, 1, 4), float64(b.Samples(d)))
				entries[j][i] = entries[i][j]
			}
		}
		rows := make([]*Node, n)
		for i := range rows {
			rows[i] = Concatenate(entries[i], -1)
		}
		all = append(all, Stack(rows, 2))
	}
	return mean, axes.Concatenate(all)
}

// Transform returns the batch with W(x − mean) in each group of n adjacent channels,
// for mean [parts, channels] and W [parts, channels/n, n, n].
func (b Batch) Transform(mean, w *Node) Batch {
	pieces := b.pieces(Sub(b.X, b.align(mean)))
	out := make([]*Node, len(pieces))
	n := w.Shape().Dim(-1)
	for d, x := range pieces {
		centred := b.grouped(x, n)
		matrices := w
		if len(pieces) > 1 {
			matrices = Slice(w, AxisElem(d))
		}
		matrix := InsertAxes(matrices, 1) // [parts, 1, groups, n, n]
		term := func(j int) *Node { return Mul(SliceAxis(matrix, 4, AxisElem(j)), SliceAxis(centred, 3, AxisElem(j))) }
		y := term(0)
		for j := 1; j < n; j++ {
			y = Add(y, term(j))
		}
		out[d] = axes.MergeFirst(Reshape(y, x.Shape().Dimensions...), 2)
	}
	return Batch{axes.Concatenate(out), b.Axis, b.Parts}
}

// grouped reshapes a piece to [parts, before, groups, n, after]: groups of n adjacent
// channels between the axes before and after the axis of the channels.
func (b Batch) grouped(piece *Node, n int) *Node {
	dims := piece.Shape().Dimensions
	channels := dims[b.Axis+1]
	before := 1
	for _, dim := range dims[1 : b.Axis+1] {
		before *= dim
	}
	return Reshape(piece, dims[0], before, channels/n, n, piece.Shape().Size()/(dims[0]*before*channels))
}
