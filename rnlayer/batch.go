package rnlayer

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// batch is activations x [batch, …, channels, …] whose rows are parts, one
// after another, with statistics of their own.
type batch struct {
	x     *Node
	axis  int   // of the channels
	parts []int // rows of each part
}

// samples is the number of values of one channel in the d-th part.
func (b batch) samples(d int) int {
	return b.parts[d] * b.x.Shape().Size() / (b.x.Shape().Dim(0) * b.x.Shape().Dim(b.axis))
}

// pieces cuts x into [parts, rows, …]: one piece if all parts have the same
// number of rows, so that nothing is copied, else a piece a part. Activations
// [batch, channels], which are small, are always cut into a piece a part: XLA's
// CUDA compiler may fuse their reshape into the matrix product before them, and
// then fails where the parts' rows are no power of two.
func (b batch) pieces() []*Node {
	dims := b.x.Shape().Dimensions
	first := b.parts[0]
	if len(dims) > 2 && !slices.ContainsFunc(b.parts, func(n int) bool { return n != first }) {
		return []*Node{Reshape(b.x, slices.Concat([]int{len(b.parts), first}, dims[1:])...)}
	}
	out := make([]*Node, len(b.parts))
	start := 0
	for d, rows := range b.parts {
		out[d] = InsertAxes(Slice(b.x, AxisRange(start, start+rows)), 0)
		start += rows
	}
	return out
}

// biasedVariance turns unbiased variances, [parts, channels], into biased ones:
// times (n − 1)/n.
func (b batch) biasedVariance(unbiased *Node) *Node {
	factors := make([]float64, len(b.parts))
	for d := range factors {
		n := float64(b.samples(d))
		factors[d] = (n - 1) / n
	}
	factor := ConvertDType(Const(unbiased.Graph(), factors), unbiased.DType())
	return Mul(unbiased, InsertAxes(factor, -1))
}

// grouped reshapes a piece to [parts, before, groups, n, after]: groups of n
// adjacent channels, and what is before and after the axis of the channels.
func (b batch) grouped(piece *Node, n int) *Node {
	dims := piece.Shape().Dimensions
	channels := dims[b.axis+1]
	before := 1
	for _, dim := range dims[1 : b.axis+1] {
		before *= dim
	}
	return Reshape(piece, dims[0], before, channels/n, n, piece.Shape().Size()/(dims[0]*before*channels))
}

// covariances returns the mean of every part, [parts, channels], and the
// covariances between the channels of each group of n adjacent ones, divided by
// the number of samples, [parts, channels/n, n, n]. They are written out, as is
// transform: GPUs may take a matrix product in TF32, narrower than float32.
func (b batch) covariances(n int) (mean, covariance *Node) {
	mean = b.means()
	var all []*Node
	pieces := b.pieces()
	for d, x := range pieces {
		x = b.grouped(Sub(x, b.align(b.ofPiece(mean, d, len(pieces)), x)), n)
		entries := make([][]*Node, n) // [parts, groups, 1] each
		for i := range entries {
			entries[i] = make([]*Node, n)
			for j := range i + 1 {
				products := Mul(SliceAxis(x, 3, AxisElem(i)), SliceAxis(x, 3, AxisElem(j)))
				entries[i][j] = DivScalar(ReduceSum(products, 1, 4), float64(b.samples(d)))
				entries[j][i] = entries[i][j]
			}
		}
		rows := make([]*Node, n)
		for i := range rows {
			rows[i] = Concatenate(entries[i], -1)
		}
		all = append(all, Stack(rows, 2))
	}
	return mean, concatenate(all)
}

// transform returns W(x − mean) in each group of channels, with mean
// [parts, channels] and W [parts, groups, n, n].
func (b batch) transform(mean, w *Node) *Node {
	pieces := b.pieces()
	out := make([]*Node, len(pieces))
	n := w.Shape().Dim(-1)
	for d, x := range pieces {
		centred := b.grouped(Sub(x, b.align(b.ofPiece(mean, d, len(pieces)), x)), n)
		matrix := InsertAxes(b.ofPiece(w, d, len(pieces)), 1) // [parts, 1, groups, n, n]
		term := func(j int) *Node { return Mul(SliceAxis(matrix, 4, AxisElem(j)), SliceAxis(centred, 3, AxisElem(j))) }
		y := term(0)
		for j := 1; j < n; j++ {
			y = Add(y, term(j))
		}
		out[d] = b.rows(Reshape(y, x.Shape().Dimensions...))
	}
	return concatenate(out)
}

// ofPiece is what belongs to the d-th of so many pieces, of values [parts, …].
func (b batch) ofPiece(values *Node, d, pieces int) *Node {
	if pieces == 1 {
		return values
	}
	return Slice(values, AxisElem(d))
}

// rows turns a piece [parts, rows, …] into rows.
func (b batch) rows(piece *Node) *Node {
	dims := piece.Shape().Dimensions
	return Reshape(piece, slices.Concat([]int{dims[0] * dims[1]}, dims[2:])...)
}

// align broadcasts stat [parts, channels] to a piece.
func (b batch) align(stat, piece *Node) *Node {
	return ExpandAndBroadcast(stat, piece.Shape().Dimensions, b.samplesAxes(piece))
}

// concatenate joins nodes along their first axis.
func concatenate(nodes []*Node) *Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return Concatenate(nodes, 0)
}
