package oracle

import "math"

// cosineEpsilon keeps the lengths in the cosine above 0.
const cosineEpsilon = 1e-12

// Correlation returns P, [C/g, C/g]: row i is the softmax over j of the similarity of
// group i of own and group j of other, both [C]. Rows sum to 1.
func Correlation(distance Distance, group int, own, other []float64) [][]float64 {
	groups := len(own) / group
	p := filled(groups, groups, 0)
	for i := range groups {
		largest := math.Inf(-1)
		for j := range groups {
			p[i][j] = score(distance, own[i*group:(i+1)*group], other[j*group:(j+1)*group])
			largest = math.Max(largest, p[i][j])
		}
		sum := 0.0
		for j := range groups {
			p[i][j] = math.Exp(p[i][j] - largest)
			sum += p[i][j]
		}
		for j := range groups {
			p[i][j] /= sum
		}
	}
	return p
}

// score returns the similarity of two groups, given by the statistics of their channels.
func score(distance Distance, a, b []float64) float64 {
	var sumA, sumB, dot, squaresA, squaresB float64
	for k := range a {
		sumA += a[k]
		sumB += b[k]
		dot += a[k] * b[k]
		squaresA += a[k] * a[k]
		squaresB += b[k] * b[k]
	}
	g := float64(len(a))
	difference := sumA/g - sumB/g
	switch distance {
	case L2:
		return -difference * difference
	case L1:
		return -math.Abs(difference)
	case Dot:
		return dot
	case Cosine:
		return dot / (math.Sqrt(squaresA+cosineEpsilon) * math.Sqrt(squaresB+cosineEpsilon))
	}
	panic("oracle: unknown distance " + string(distance))
}

// Compensate returns P·other on the [C/g, g] view: channel k of group i becomes
// Σ_j P[i,j]·other[j,k].
func Compensate(p [][]float64, group int, other []float64) []float64 {
	out := make([]float64, len(other))
	for i := range p {
		for k := range group {
			for j := range p[i] {
				out[i*group+k] += p[i][j] * other[j*group+k]
			}
		}
	}
	return out
}

// Correlations returns the matrices P of a batch for the means and for the variances, as
// [own domain][other domain][i][j]. The entry of a domain with itself is nil.
func (c Config) Correlations(x []float64, sizes []int) (mean, variance [][][][]float64) {
	c.mustBeValid()
	c.mustMatch(sizes)
	moments := DomainMoments(x, sizes, c.Channels)
	mean = make([][][][]float64, c.Domains)
	variance = make([][][][]float64, c.Domains)
	for d := range c.Domains {
		mean[d] = make([][][]float64, c.Domains)
		variance[d] = make([][][]float64, c.Domains)
		for e := range c.Domains {
			if e != d {
				mean[d][e] = Correlation(c.Distance, c.Group, moments[d].Mean, moments[e].Mean)
				variance[d][e] = Correlation(c.Distance, c.Group, moments[d].Variance, moments[e].Variance)
			}
		}
	}
	return mean, variance
}
