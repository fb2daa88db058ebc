package tsne

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

const (
	// spread is the standard deviation of the initial places along the first
	// component. As in scikit-learn it is small, so that the early forces decide.
	spread = 1e-4
	// noise is the standard deviation of the seed's noise, relative to spread. The
	// noise separates points that coincide, and spreads points along the second
	// coordinate if the second component has no variance.
	noise = 1e-2
	// powerIterations is the number of subspace iterations. Early exaggeration
	// removes what remains of their error.
	powerIterations = 20
)

// initialPlaces returns the first two principal components of x, scaled to spread,
// plus the noise of the seed.
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
	rng := rand.New(rand.NewPCG(seed, 0x7073e)) // separate from other uses of the seed
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

// components returns the scores of the rows of x on their first two principal
// components. It runs subspace iterations on XᵀX from a fixed start.
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

// orthonormalize applies Gram–Schmidt to the columns of a. A column that depends
// linearly on the columns before it becomes 0.
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
			return errors.New("tsne: the variance of the vectors is too small for float64")
		case norm <= 1e-10*before || norm == 0:
			v.ScaleVec(0, v)
		default:
			v.ScaleVec(1/norm, v)
		}
	}
	return nil
}
