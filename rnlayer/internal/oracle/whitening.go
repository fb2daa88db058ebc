package oracle

import "math"

// whiteningEpsilon is the weight of the identity in DWT's covariances.
const whiteningEpsilon = 1e-3

// Covariance returns the biased covariances Σ(x − μ)(x′ − μ′)/n of x, [n, channels],
// between each channel and the Whitening adjacent channels of its group, as
// [channel][channel of the group].
func (c Config) Covariance(x []float64) [][]float64 {
	n := len(x) / c.Channels
	mean := unbiased(x, c.Channels).Mean
	out := filled(c.Channels, c.Whitening, 0)
	for i := range c.Channels {
		first := i - i%c.Whitening
		for j := range c.Whitening {
			for row := range n {
				out[i][j] += (x[row*c.Channels+i] - mean[i]) * (x[row*c.Channels+first+j] - mean[first+j]) / float64(n)
			}
		}
	}
	return out
}

// trainWhitening is Train for DWT: each domain is whitened by itself. The running
// covariance moves towards the covariance of the batch; the running variance is its
// diagonal.
func (c Config) trainWhitening(x []float64, sizes []int, st *State) []float64 {
	rowLength := rowLength(x, sizes, c.Channels)
	var y []float64
	for d, rows := range sizes {
		part := x[len(y) : len(y)+rows*rowLength]
		m, covariance := unbiased(part, c.Channels), c.Covariance(part)
		for i, row := range covariance {
			m.Variance[i] = row[i%c.Whitening]
			for j, v := range row {
				st.RunningCovariance[d][i][j] = (1-c.Momentum)*st.RunningCovariance[d][i][j] + c.Momentum*v
			}
		}
		c.move(st, d, m)
		y = append(y, c.whiten(part, m.Mean, covariance, st.Gamma[0], st.Beta[0])...)
	}
	return y
}

// whiten returns γ L⁻¹(x − μ) + β for x [n, channels], in each group of channels, with
// L Lᵀ = (1 − ε)Σ + εI. It computes L row by row (Cholesky–Banachiewicz) and solves
// L z = x − μ for each position.
func (c Config) whiten(x, mean []float64, covariance [][]float64, gamma, beta []float64) []float64 {
	y := make([]float64, len(x))
	for first := 0; first < c.Channels; first += c.Whitening {
		lower := filled(c.Whitening, c.Whitening, 0)
		for i := range c.Whitening {
			for j := 0; j <= i; j++ {
				rest := (1 - whiteningEpsilon) * covariance[first+i][j]
				if i == j {
					rest += whiteningEpsilon
				}
				for k := range j {
					rest -= lower[i][k] * lower[j][k]
				}
				if i == j {
					lower[i][i] = math.Sqrt(rest)
				} else {
					lower[i][j] = rest / lower[j][j]
				}
			}
		}
		for start := first; start < len(x); start += c.Channels {
			z := make([]float64, c.Whitening)
			for i := range z {
				z[i] = x[start+i] - mean[first+i]
				for k := range i {
					z[i] -= lower[i][k] * z[k]
				}
				z[i] /= lower[i][i]
				y[start+i] = gamma[first+i]*z[i] + beta[first+i]
			}
		}
	}
	return y
}
