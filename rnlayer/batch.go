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

// pieces cuts x, of the shape of the batch, into [parts, rows, …]: one piece if all
// parts have the same number of rows, so that nothing is copied, else a piece a part.
// Activations [batch, channels], which are small, are always cut into a piece a part:
// XLA's CUDA compiler may fuse their reshape into the matrix product before them, and
// then fails where the parts' rows are no power of two.
func (b batch) pieces(x *Node) []*Node {
	dims := x.Shape().Dimensions
	if len(dims) > 2 && b.even() {
		return []*Node{Reshape(x, slices.Concat([]int{len(b.parts), b.parts[0]}, dims[1:])...)}
	}
	out := make([]*Node, len(b.parts))
	start := 0
	for d, rows := range b.parts {
		out[d] = InsertAxes(Slice(x, AxisRange(start, start+rows)), 0)
		start += rows
	}
	return out
}

// even reports whether all parts have the same number of rows.
func (b batch) even() bool {
	return !slices.ContainsFunc(b.parts, func(n int) bool { return n != b.parts[0] })
}

// sums returns the sums of x, of the shape of the batch, over every part,
// [parts, channels].
func (b batch) sums(x *Node) *Node {
	pieces := b.pieces(x)
	for d, piece := range pieces {
		pieces[d] = ReduceSum(piece, allBut(piece, 0, b.axis+1)...)
	}
	return concatenate(pieces)
}

// squares returns the sums of x² as sums does, but those of each row first: what XLA
// sums up on CPUs is slower where products are cut into pieces on the way.
func (b batch) squares(x *Node) *Node {
	positions := allBut(x, 0, b.axis)
	if len(b.parts) == 1 || len(positions) == 0 {
		return b.sums(Square(x))
	}
	rows := ReduceSum(Square(x), positions...) // [batch, channels]
	return batch{rows, 1, b.parts}.sums(rows)
}

// per divides values [parts, channels] by the number of samples of each part less
// some.
func (b batch) per(values *Node, less int) *Node {
	if b.even() {
		return DivScalar(values, float64(b.samples(0)-less))
	}
	n := make([]float64, len(b.parts))
	for d := range n {
		n[d] = float64(b.samples(d) - less)
	}
	return Div(values, InsertAxes(ConvertDType(Const(values.Graph(), n), values.DType()), -1))
}

// align gives every sample the values of its part and channel: [parts, channels] to
// the shape of the batch. It is the values that are repeated for the rows, and not the
// batch that is cut into pieces: XLA's CUDA compiler lays out pieces for their sums,
// samples innermost, if nothing between them and the sums forbids it, and does not
// compile a matrix product together with what reorders its operand from there.
func (b batch) align(values *Node) *Node {
	return withGradient([]*Node{b.spread(values)}, []*Node{values}, func(adjoints []*Node) []*Node {
		return []*Node{b.sums(adjoints[0])}
	})[0]
}

// spread is align without a gradient.
func (b batch) spread(values *Node) *Node {
	dims := b.x.Shape().Dimensions
	if len(b.parts) == 1 {
		return ExpandAndBroadcast(Squeeze(values, 0), dims, allBut(b.x, b.axis))
	}
	var rows *Node // [batch, channels]
	if b.even() {
		rows = Reshape(repeat(values, 1, b.parts[0]), dims[0], -1)
	} else {
		all := make([]*Node, len(b.parts))
		for d, n := range b.parts {
			all[d] = repeat(Squeeze(Slice(values, AxisElem(d)), 0), 0, n)
		}
		rows = concatenate(all)
	}
	return ExpandAndBroadcast(rows, dims, allBut(b.x, 0, b.axis))
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

// concatenate joins nodes along their first axis.
func concatenate(nodes []*Node) *Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return Concatenate(nodes, 0)
}

// allBut returns the axes of x that are not among those given.
func allBut(x *Node, not ...int) []int {
	var axes []int
	for axis := range x.Rank() {
		if !slices.Contains(not, axis) {
			axes = append(axes, axis)
		}
	}
	return axes
}
