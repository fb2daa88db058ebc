package oracle

import "math"

// Transferability returns TransNorm's α of every domain, [domain][channel]:
//
//	α_c = C (1 + δ_c)⁻¹ / Σ_c (1 + δ_c)⁻¹,   δ_c = |μ/√(v + ε) − μ′/√(v′ + ε)|
//
// with μ′ and v′ of the other domain. Over several other domains δ_c is averaged.
func (c Config) Transferability(moments []Moments) [][]float64 {
	out := make([][]float64, len(moments))
	for d := range moments {
		out[d] = make([]float64, c.Channels)
		sum := 0.0
		for ch := range c.Channels {
			ratio := func(m Moments) float64 { return m.Mean[ch] / math.Sqrt(m.Variance[ch]+c.Epsilon) }
			distance := 0.0
			for e := range moments {
				distance += math.Abs(ratio(moments[d])-ratio(moments[e])) / float64(len(moments)-1)
			}
			out[d][ch] = 1 / (1 + distance)
			sum += out[d][ch]
		}
		for ch := range out[d] {
			out[d][ch] *= float64(c.Channels) / sum
		}
	}
	return out
}

// amplified returns values times 1 + α.
func amplified(values, alpha []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = v * (1 + alpha[i])
	}
	return out
}
