package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Moments are the per-channel statistics of each domain, both [domains, channels].
type Moments struct {
	Mean     *Node
	Variance *Node // unbiased: divided by samples − 1
}

// centred is a batch less a constant of each part and channel: x − c. It is the
// one copy of the activations that a layer makes: the variance, the result and
// all gradients are computed from it, so that x itself need not be kept. With the
// mean for c nothing cancels in float32 where a mean is large beside the deviation.
//
// The layer's result, (x − μ)·s + β with statistics μ and s that depend on x, is
//
//	y = (x − c)·s + t,   t = β − (μ − c)·s   [parts, channels]
//
// as c is a constant, so that a backward pass reads the activations for no more
// than Σ∂y and Σ∂y·(x − c), which give the gradients of t and s, and for
//
//	∂x = s·∂y + ∂m/n + 2∂v·(x − m)/(n − 1)
//
// with ∂m and ∂v what t and s pass on to the mean and the variance.
type centred struct {
	batch
	constant *Node   // c [parts, channels]
	pieces   []*Node // x − c, see batch.pieces
}

// means returns the mean of every part, [parts, channels], over all axes but
// that of the channels.
func (b batch) means() *Node {
	pieces := b.pieces()
	means := make([]*Node, len(pieces))
	for d, x := range pieces {
		means[d] = DivScalar(ReduceSum(x, b.samplesAxes(x)...), float64(b.samples(d)))
	}
	return concatenate(means)
}

// less returns the batch less values [parts, channels], of which it takes no
// gradient.
func (b batch) less(values *Node) centred {
	c := centred{b, StopGradient(values), b.pieces()}
	for d, x := range c.pieces {
		c.pieces[d] = Sub(x, b.align(b.ofPiece(c.constant, d, len(c.pieces)), x))
	}
	return c
}

// moments returns the statistics of every part, mean m = Σx/n and variance
// Σ(x − m)²/(n − 1), and the batch less m, with their gradient
//
//	∂x = ∂m/n + 2∂v·(x − m)/(n − 1)
//
// The variance is flat in m there, as Σ(x − m) = 0.
func (b batch) moments() (Moments, centred) {
	mean := b.means()
	c := b.less(mean)
	variances := make([]*Node, len(c.pieces))
	for d, x := range c.pieces {
		variances[d] = DivScalar(ReduceSum(Square(x), b.samplesAxes(x)...), float64(b.samples(d)-1))
	}
	m := withGradient([]*Node{mean, concatenate(variances)}, []*Node{b.x}, func(adjoints []*Node) []*Node {
		out := make([]*Node, len(c.pieces))
		for d, x := range c.pieces {
			per := func(adjoint *Node, n float64) *Node {
				return c.align(DivScalar(c.ofPiece(adjoint, d, len(c.pieces)), n), x)
			}
			n := float64(b.samples(d))
			out[d] = c.rows(Add(per(adjoints[0], n), Mul(per(adjoints[1], (n-1)/2), x)))
		}
		return []*Node{concatenate(out)}
	})
	return Moments{Mean: m[0], Variance: m[1]}, c
}

// normalize returns (x − mean)·scale + offset, where row d of each, all
// [parts, channels], is for the d-th part.
func (c centred) normalize(mean, scale, offset *Node) *Node {
	offset = Sub(offset, Mul(Sub(mean, c.constant), scale))
	out := make([]*Node, len(c.pieces))
	for d, x := range c.pieces {
		aligned := func(stat *Node) *Node { return c.align(c.ofPiece(stat, d, len(c.pieces)), x) }
		out[d] = c.rows(Add(Mul(x, aligned(scale)), aligned(offset)))
	}
	return concatenate(out)
}

// samplesAxes are the axes of a piece over which statistics are taken: all but
// that of the parts and that of the channels.
func (b batch) samplesAxes(piece *Node) []int {
	var axes []int
	for axis := 1; axis < piece.Rank(); axis++ {
		if axis != b.axis+1 {
			axes = append(axes, axis)
		}
	}
	return axes
}
