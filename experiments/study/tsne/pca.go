package tsne

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

const (
	// spread is the standard deviation of the initial places along the first
	// component, small so that the early forces decide (as in scikit-learn).
	spread = 1e-4
	// noise is that of the seed's share, relative to spread. It parts points that
	// coincide and fills a second component that has no variance.
	noise = 1e-2
	// powerIterations of the subspace iteration: enough for a start that is
	// forgotten within the exaggerated iterations.
	powerIterations = 20
)

// initialPlaces returns the first two principal components of x, scaled, with
// the seed's noise.
func initialPlaces(x [][]float64, seed uint64) ([][2]float64, error) {
	n, d := len(x), len(x[0])
	centred := mat.NewDense(n, d, nil)
	for k := range d {
		mean := 0.0
		for i := range x {
			mean += x[i][k] / float64(n)
		}
		for i := range x {
			centred.Set(i, k, x[i][k]-mean)
		}
	}
	centred.Scale(1/mat.Norm(centred, 2), centred)

	scores, err := components(centred)
	if err != nil {
		return nil, err
	}
	variance := 0.0
	for i := range n {
		variance += scores.At(i, 0) * scores.At(i, 0) / float64(n)
	}
	rng := rand.New(rand.NewPCG(seed, 0x7073e)) // a stream of its own
	places := make([][2]float64, n)
	for i := range places {
		for k := range 2 {
			v := noise * rng.NormFloat64()
			if k < scores.RawMatrix().Cols {
				v += scores.At(i, k) / math.Sqrt(variance)
			}
			places[i][k] = spread * v
		}
	}
	return places, nil
}

// components returns the scores of the rows of x on its first two principal
// components, by subspace iteration on XᵀX from a fixed start.
func components(x *mat.Dense) (*mat.Dense, error) {
	n, d := x.Dims()
	rank := min(2, d)
	rng := rand.New(rand.NewPCG(1, 1))
	basis := mat.NewDense(d, rank, nil)
	for i := range d {
		for k := range rank {
			basis.Set(i, k, rng.NormFloat64())
		}
	}
	scores := mat.NewDense(n, rank, nil)
	for range powerIterations {
		scores.Mul(x, basis)
		basis.Mul(x.T(), scores)
		if err := orthonormalize(basis); err != nil {
			return nil, err
		}
	}
	scores.Mul(x, basis)
	return scores, nil
}

// orthonormalize is Gram–Schmidt on the columns of a; a column that depends on
// the one before becomes 0.
func orthonormalize(a *mat.Dense) error {
	_, cols := a.Dims()
	for k := range cols {
		v := a.ColView(k).(*mat.VecDense)
		before := mat.Norm(v, 2)
		for j := range k {
			u := a.ColView(j)
			v.AddScaledVec(v, -mat.Dot(u, v), u)
		}
		switch norm := mat.Norm(v, 2); {
		case k == 0 && !(norm > 0):
			return errors.New("tsne: the vectors have no variance that float64 resolves")
		case norm <= 1e-10*before || norm == 0:
			v.ScaleVec(0, v)
		default:
			v.ScaleVec(1/norm, v)
		}
	}
	return nil
}
