package tsne

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Options are the settings of [Embed]. Zero values select the defaults.
type Options struct {
	// Perplexity is the effective number of neighbours of a point, between 1 and
	// (n − 1)/3 for n vectors. 0 means 30, or (n − 1)/3 if that is smaller.
	Perplexity float64
	// Iterations is the number of gradient steps; 0 means 1000. The first 250 steps
	// use early exaggeration.
	Iterations int
	// Seed generates the noise that separates points which coincide. The initial
	// places are the first two principal components plus 1 % of noise.
	Seed uint64
}

// Embedding holds the places of vectors in the plane.
type Embedding struct {
	// Places are in the order of the vectors; their mean is 0.
	Places [][2]float64
	// KL is the Kullback–Leibler divergence KL(P‖Q) of the places, in nats. Among
	// several seeds, the lowest KL is the most faithful picture.
	KL float64
}

const (
	// maxPoints is the largest number of vectors. P takes 8 n² bytes.
	maxPoints = 10_000

	defaultPerplexity = 30
	defaultIterations = 1000

	// Early exaggeration and momentum follow van der Maaten's later implementations
	// and scikit-learn 1.5.
	exaggeration      = 12
	exaggerated       = 250 // iterations
	earlyMomentum     = 0.5
	lateMomentum      = 0.8
	gainStep          = 0.2
	gainDecay         = 0.8
	leastGain         = 0.01
	leastLearningRate = 50
)

// Embed returns the places of the rows of x in the plane.
//
// Embed returns an error if there are fewer than 4 or more than 10,000 rows,
// rows are empty or differ in length, a value is not finite, all rows are equal, an
// option is out of bounds, or ctx ends.
func Embed(ctx context.Context, x [][]float64, o Options) (*Embedding, error) {
	o, err := o.filled(len(x))
	if err != nil {
		return nil, err
	}
	if err := checkRows(x); err != nil {
		return nil, err
	}
	p := affinities(x, o.Perplexity)
	y, err := initialPlaces(x, o.Seed)
	if err != nil {
		return nil, err
	}
	s := newDescent(p, y)
	for i := range o.Iterations {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("tsne: iteration %d: %w", i, err)
		}
		s.step(i < exaggerated)
	}
	return &Embedding{Places: s.y, KL: s.divergence()}, nil
}

// filled returns o with the defaults for n vectors in place of zero values.
func (o Options) filled(n int) (Options, error) {
	if n < 4 || n > maxPoints {
		return o, fmt.Errorf("tsne: %d vectors: want 4 to %d; draw a sample of more", n, maxPoints)
	}
	most := float64(n-1) / 3
	if o.Perplexity == 0 {
		o.Perplexity = min(defaultPerplexity, most)
	}
	if o.Iterations == 0 {
		o.Iterations = defaultIterations
	}
	if !(o.Perplexity >= 1 && o.Perplexity <= most) {
		return o, fmt.Errorf("tsne: Perplexity %g is outside [1, %.4g], the range for %d vectors", o.Perplexity, most, n)
	}
	if o.Iterations < 1 {
		return o, fmt.Errorf("tsne: Iterations is %d: want at least 1", o.Iterations)
	}
	return o, nil
}

// maxMagnitude keeps squared distances finite.
const maxMagnitude = 1e100

// checkRows returns an error for vectors that cannot be embedded.
func checkRows(x [][]float64) error {
	if len(x[0]) == 0 {
		return errors.New("tsne: the vectors are empty")
	}
	same := true
	for i, row := range x {
		if len(row) != len(x[0]) {
			return fmt.Errorf("tsne: vector %d has %d values, but vector 0 has %d", i, len(row), len(x[0]))
		}
		for j, v := range row {
			if math.IsNaN(v) || math.Abs(v) > maxMagnitude {
				return fmt.Errorf("tsne: value %d of vector %d is %g: want a finite value of magnitude at most %g", j, i, v, float64(maxMagnitude))
			}
			same = same && v == x[0][j]
		}
	}
	if same {
		return errors.New("tsne: all vectors are equal")
	}
	return nil
}
