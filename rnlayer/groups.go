package rnlayer

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

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
	for d, x := range b.pieces(Sub(b.x, b.align(mean))) {
		x = b.grouped(x, n)
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
	pieces := b.pieces(Sub(b.x, b.align(mean)))
	out := make([]*Node, len(pieces))
	n := w.Shape().Dim(-1)
	for d, x := range pieces {
		centred := b.grouped(x, n)
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
