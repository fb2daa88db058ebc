package backbone

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// maxPool is the max-pool 3×3 with stride 2 and padding 1 of a ResNet's stem: x
// [batch, height, width, channels] to [batch, ⌈height/2⌉, ⌈width/2⌉, channels].
// The gradient goes to the first of the largest values of a window, row by row,
// as PyTorch's does.
//
// It is written out, first over rows and then over columns. XLA's own gradient
// (select and scatter) looks for the place of each maximum by way of four arrays
// of indices as large as x, which is a fifth of a training step of ResNet-18 on a
// CPU. Here the place is a byte an output value.
func maxPool(x *Node) *Node {
	pool := func(x *Node) *Node {
		y, _ := poolWindows(x)
		return y
	}
	return withGradient(x, pool, func(_, adjoint *Node) *Node {
		_, place := poolWindows(x)
		return poolGradient(adjoint, place, x.Shape())
	})
}

// poolWindows returns the largest value of each window, and where it was first
// found: 3·row + column in the window.
func poolWindows(x *Node) (y, place *Node) {
	place = func() *Node { // row 0 to 2
		above, middle, below := windowParts(x, 1)
		row := Where(GreaterThan(middle, above), byteLike(middle, 1), byteLike(middle, 0))
		return Where(GreaterThan(below, Max(above, middle)), byteLike(below, 2), row)
	}()
	above, middle, below := windowParts(x, 1)
	rows := Max(Max(above, middle), below)

	left, centre, right := windowParts(rows, 2)
	leftRow, centreRow, rightRow := windowParts(place, 2)
	y = Max(Max(left, centre), right)
	// better says that the second value is larger, or as large and in an earlier row.
	better := func(first, second, firstRow, secondRow *Node) *Node {
		return Or(GreaterThan(second, first), And(Equal(second, first), LessThan(secondRow, firstRow)))
	}
	at := func(row *Node, column uint8) *Node { return Add(Mul(row, byteLike(row, 3)), byteLike(row, column)) }
	takeCentre := better(left, centre, leftRow, centreRow)
	best, bestRow := Max(left, centre), Where(takeCentre, centreRow, leftRow)
	place = Where(takeCentre, at(centreRow, 1), at(leftRow, 0))
	place = Where(better(best, right, bestRow, rightRow), at(rightRow, 2), place)
	return y, place
}

// windowParts returns the first, second and third position of every window along
// an axis of x: window i has the positions 2i − 1, 2i and 2i + 1. Outside is the
// lowest value.
func windowParts(x *Node, axis int) (first, second, third *Node) {
	lowest := Const(x.Graph(), x.DType().LowestValue())
	pads := make([]PadAxis, x.Rank())
	if odd := x.Shape().Dim(axis) % 2; odd == 1 {
		pads[axis] = PadAxis{End: 1}
		x = Pad(x, lowest, pads...)
	}
	windows := x.Shape().Dim(axis) / 2
	every := func(offset int) *Node {
		return SliceAxis(x, axis, AxisRange(offset, 2*windows-1+offset).Stride(2))
	}
	second, third = every(0), every(1)
	pads[axis] = PadAxis{Start: 1}
	first = SliceAxis(Pad(third, lowest, pads...), axis, AxisRange(0, windows))
	return first, second, third
}

// poolGradient is the gradient at an x of a shape, given that at its max-pool and
// where in each window the maximum was.
func poolGradient(adjoint, place *Node, shape shapes.Shape) *Node {
	g := adjoint.Graph()
	height, width := adjoint.Shape().Dim(1), adjoint.Shape().Dim(2)
	// A row of windows more, and a column, which no value is the maximum of.
	padded := func(t, fill *Node) *Node { return Pad(t, fill, PadAxis{}, PadAxis{End: 1}, PadAxis{End: 1}, PadAxis{}) }
	zero := ScalarZero(g, adjoint.DType())
	zeros := BroadcastToShape(zero, adjoint.Shape())
	adjoint, place = padded(adjoint, zero), padded(place, Const(g, uint8(9)))
	// from is what the values at a row and column of their windows get, of the
	// windows that are so many further down and right.
	from := func(row, column, down, right int) *Node {
		windows := func(t *Node) *Node {
			return Slice(t, AxisRange(), AxisRange(down, down+height), AxisRange(right, right+width))
		}
		return Where(Equal(windows(place), Const(g, uint8(3*row+column))), windows(adjoint), zeros)
	}
	// An even row is the middle of one window, an odd one the end of one and the
	// beginning of the next.
	even := Stack([]*Node{
		from(1, 1, 0, 0),
		Add(from(1, 2, 0, 0), from(1, 0, 0, 1)),
	}, 3)
	odd := Stack([]*Node{
		Add(from(2, 1, 0, 0), from(0, 1, 1, 0)),
		Add(Add(from(2, 2, 0, 0), from(2, 0, 0, 1)), Add(from(0, 2, 1, 0), from(0, 0, 1, 1))),
	}, 3)
	batch, channels := shape.Dim(0), shape.Dim(3)
	gradient := Reshape(Stack([]*Node{even, odd}, 2), batch, 2*height, 2*width, channels)
	return Slice(gradient, AxisRange(), AxisRange(0, shape.Dim(1)), AxisRange(0, shape.Dim(2)))
}

// byteLike is a byte for every value of x.
func byteLike(x *Node, value uint8) *Node {
	return BroadcastToShape(Const(x.Graph(), value), shapeOf(x, dtypes.Uint8))
}

// shapeOf is the shape of x with another dtype.
func shapeOf(x *Node, dtype dtypes.DType) shapes.Shape {
	return shapes.Make(dtype, x.Shape().Dimensions...)
}
