package backbone

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
)

// maxPool is the max-pool of a ResNet's stem, 3×3 with stride 2 and padding 1, from x
// [batch, height, width, channels] to [batch, ⌈height/2⌉, ⌈width/2⌉, channels]. The
// gradient goes to the first of the largest values in a window, row by row, as in
// PyTorch.
//
// It is written out, first over rows and then over columns. XLA's own gradient (select
// and scatter) finds the position of each maximum with four index arrays as large as x,
// which takes a fifth of a training step of ResNet-18 on a CPU. Here the position is
// one byte an output value.
func maxPool(x *Node) *Node {
	y, _ := poolWindows(x)
	return customgrad.Value(y, []*Node{x}, func(adjoint *Node) []*Node {
		_, place := poolWindows(x)
		return []*Node{poolGradient(adjoint, place, x.Shape())}
	})
}

// poolWindows returns the largest value of each window, and the position where it
// occurs first: 3·row + column within the window.
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
	// better says that the second value is larger, or equal and in an earlier row.
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

// windowParts returns the first, second and third position of every window along an
// axis of x: window i covers the positions 2i − 1, 2i and 2i + 1. Positions outside
// hold the lowest value.
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

// poolGradient returns the gradient at an x of the given shape for the gradient at its
// max-pool and the position of the maximum in each window.
func poolGradient(adjoint, place *Node, shape shapes.Shape) *Node {
	g := adjoint.Graph()
	height, width := adjoint.Shape().Dim(1), adjoint.Shape().Dim(2)
	// One more row and column of windows, with a position that matches no value.
	padded := func(t, fill *Node) *Node { return Pad(t, fill, PadAxis{}, PadAxis{End: 1}, PadAxis{End: 1}, PadAxis{}) }
	zero := ScalarZero(g, adjoint.DType())
	zeros := BroadcastToShape(zero, adjoint.Shape())
	adjoint, place = padded(adjoint, zero), padded(place, Const(g, uint8(9)))
	// from returns the gradient for the values at a row and column of their windows,
	// where the windows are shifted down and right by the given numbers.
	from := func(row, column, down, right int) *Node {
		windows := func(t *Node) *Node {
			return Slice(t, AxisRange(), AxisRange(down, down+height), AxisRange(right, right+width))
		}
		return Where(Equal(windows(place), Const(g, uint8(3*row+column))), windows(adjoint), zeros)
	}
	// An even row of x is the middle of one window; an odd row is the end of one window
	// and the beginning of the next.
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

// byteLike returns the value as a byte in the shape of x.
func byteLike(x *Node, value uint8) *Node {
	return BroadcastToShape(Const(x.Graph(), value), shapes.Make(dtypes.Uint8, x.Shape().Dimensions...))
}
