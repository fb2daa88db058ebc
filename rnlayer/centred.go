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
	batch          // x − c
	constant *Node // c [parts, channels]
}

// means returns the mean of every part, [parts, channels], over all axes but
// that of the channels.
func (b batch) means() *Node {
	return b.per(b.sums(b.x), 0)
}

// less returns the batch less values [parts, channels], of which it takes no
// gradient.
func (b batch) less(values *Node) centred {
	constant := StopGradient(values)
	return centred{batch{Sub(b.x, b.spread(constant)), b.axis, b.parts}, constant}
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
	variance := b.per(c.squares(c.x), 1)
	m := withGradient([]*Node{mean, variance}, []*Node{b.x}, func(adjoints []*Node) []*Node {
		perMean, perVariance := b.per(adjoints[0], 0), MulScalar(b.per(adjoints[1], 1), 2)
		own := OptimizationBarriers(perMean, perVariance) // see normalize
		return []*Node{Add(b.spread(own[0]), Mul(b.spread(own[1]), c.x))}
	})
	return Moments{Mean: m[0], Variance: m[1]}, c
}

// normalize returns (x − mean)·scale + offset, where row d of each, all
// [parts, channels], is for the d-th part.
func (c centred) normalize(mean, scale, offset *Node) *Node {
	offset = Sub(offset, Mul(Sub(mean, c.constant), scale))
	own := OptimizationBarriers(scale, offset) // or XLA computes them anew for each sample
	return Add(Mul(c.x, c.align(own[0])), c.align(own[1]))
}
