package adistance

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
)

// standardizer shifts and scales features to mean 0 and standard deviation 1.
type standardizer struct {
	keep        []int // features that vary
	mean, scale []float64
}

// newStandardizer computes the mean and the scale of each feature that varies.
func newStandardizer(rows [][]float64) standardizer {
	var s standardizer
	column := make([]float64, len(rows))
	for j := range rows[0] {
		most := 0.0
		for i, row := range rows {
			column[i] = row[j]
			most = max(most, math.Abs(row[j]))
		}
		mean, std := stat.MeanStdDev(column, nil)
		if std <= 1e-12*most || std == 0 { // constant up to rounding
			continue
		}
		s.keep = append(s.keep, j)
		s.mean, s.scale = append(s.mean, mean), append(s.scale, 1/std)
	}
	return s
}

// apply returns the standardized features and a column of ones for the intercept,
// [rows, kept features + 1].
func (s standardizer) apply(rows [][]float64) *mat.Dense {
	x := mat.NewDense(len(rows), len(s.keep)+1, nil)
	for i, row := range rows {
		to := x.RawRowView(i)
		for k, j := range s.keep {
			to[k] = (row[j] - s.mean[k]) * s.scale[k]
		}
		to[len(s.keep)] = 1
	}
	return x
}

// classifier is linear: the sign of x·w is the domain.
type classifier struct{ w *mat.VecDense }

// scores returns x·w for each row of x.
func (c classifier) scores(x *mat.Dense) []float64 {
	n, _ := x.Dims()
	z := mat.NewVecDense(n, nil)
	z.MulVec(x, c.w)
	return z.RawVector().Data
}

const (
	// gradientThreshold ends the optimization: the largest component of the gradient
	// is below it. The loss starts at log 2.
	gradientThreshold = 1e-6
	maxIterations     = 1000
)

// fit minimizes Σ_i weight_i log(1 + exp(−label_i x_i·w)) + l2/2 |w|². The penalty
// excludes the last component of w, the intercept.
func fit(x *mat.Dense, label, weight []float64, l2 float64) (classifier, error) {
	n, d := x.Dims()
	z, slope := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	problem := optimize.Problem{
		Func: func(w []float64) float64 {
			z.MulVec(x, mat.NewVecDense(d, w))
			loss := 0.0
			for i := range n {
				loss += weight[i] * softplus(-label[i]*z.AtVec(i))
			}
			for _, v := range w[:d-1] {
				loss += l2 / 2 * v * v
			}
			return loss
		},
		Grad: func(grad, w []float64) {
			z.MulVec(x, mat.NewVecDense(d, w))
			for i := range n {
				m := label[i] * z.AtVec(i)
				slope.SetVec(i, -weight[i]*label[i]*sigmoid(-m))
			}
			g := mat.NewVecDense(d, grad)
			g.MulVec(x.T(), slope)
			for k, v := range w[:d-1] {
				grad[k] += l2 * v
			}
		},
	}
	settings := &optimize.Settings{
		GradientThreshold: gradientThreshold,
		MajorIterations:   maxIterations,
		// A loss that no longer changes is at its minimum up to rounding.
		Converger: &optimize.FunctionConverge{Absolute: 1e-12, Iterations: 20},
	}
	r, err := optimize.Minimize(problem, make([]float64, d), settings, &optimize.LBFGS{})
	if err != nil {
		return classifier{}, fmt.Errorf("adistance: fitting the classifier: %w", err)
	}
	if r.Status != optimize.GradientThreshold && r.Status != optimize.FunctionConvergence {
		return classifier{}, fmt.Errorf("adistance: the classifier did not converge in %d iterations (%v): raise L2", maxIterations, r.Status)
	}
	return classifier{w: mat.NewVecDense(d, r.X)}, nil
}

// softplus is log(1 + eˣ) without overflow.
func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// sigmoid is 1/(1 + e⁻ˣ) without overflow.
func sigmoid(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
