package batch

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
)

// Moments are statistics of each part and channel, both [parts, channels].
type Moments struct {
	Mean     *Node // Σx/n
	Variance *Node // unbiased, Σ(x − mean)²/(n − 1), unless [Batch.Biased] made it
}

// Moments returns the mean m and the unbiased variance v of every part, and the batch
// centred at m. The gradient is
//
//	∂x = ∂m/n + 2∂v·(x − m)/(n − 1)
//
// in which the variance does not depend on m, because Σ(x − m) = 0.
func (b Batch) Moments() (Moments, Centred) {
	mean := b.means()
	c := b.Minus(mean)
	variance := b.perSample(c.squares(c.X), 1)
	m := customgrad.Values([]*Node{mean, variance}, []*Node{b.X}, func(adjoints []*Node) []*Node {
		perMean, perVariance := b.perSample(adjoints[0], 0), MulScalar(b.perSample(adjoints[1], 1), 2)
		own := OptimizationBarriers(perMean, perVariance) // see Normalize
		return []*Node{Add(b.spread(own[0]), Mul(b.spread(own[1]), c.X))}
	})
	return Moments{Mean: m[0], Variance: m[1]}, c
}

// means returns the mean of every part, [parts, channels].
func (b Batch) means() *Node {
	return b.perSample(b.sums(b.X), 0)
}

// Biased returns unbiased variances [parts, channels] times (n − 1)/n, which divides
// Σ(x − mean)² by n instead of n − 1.
func (b Batch) Biased(variance *Node) *Node {
	factors := make([]float64, len(b.Parts))
	for d := range factors {
		n := float64(b.Samples(d))
		factors[d] = (n - 1) / n
	}
	factor := ConvertDType(Const(variance.Graph(), factors), variance.DType())
	return Mul(variance, InsertAxes(factor, -1))
}
