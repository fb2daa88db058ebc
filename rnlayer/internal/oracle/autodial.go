package oracle

// CrossDomain returns the mean and the variance of AutoDIAL's mixtures, in which domain d
// has the weight q_d = α and each other domain q_e = (1 − α)/(K − 1):
//
//	μ̃ = Σ_e q_e μ^e        ṽ = Σ_e q_e E_e[(x − μ̃)²]
//
// In normalizing, E is the mean over the values of a channel; in running it is
// v^e + (μ^e − μ̃)² with the unbiased v^e.
func (c Config) CrossDomain(x []float64, sizes []int, alpha float64) (normalizing, running []Moments) {
	c.mustMatch(sizes)
	rowLength := rowLength(x, sizes, c.Channels)
	own := DomainMoments(x, sizes, c.Channels)
	for d := range sizes {
		n := Moments{make([]float64, c.Channels), make([]float64, c.Channels)}
		r := Moments{make([]float64, c.Channels), make([]float64, c.Channels)}
		for ch := range c.Channels {
			q := make([]float64, c.Domains)
			mean := 0.0
			for e := range q {
				q[e] = (1 - alpha) / float64(c.Domains-1)
				if e == d {
					q[e] = alpha
				}
				mean += q[e] * own[e].Mean[ch]
			}
			start := 0
			for e, rows := range sizes {
				end := start + rows*rowLength
				squares, count := 0.0, 0.0
				for i := start + ch; i < end; i += c.Channels {
					squares += (x[i] - mean) * (x[i] - mean)
					count++
				}
				start = end
				shift := own[e].Mean[ch] - mean
				n.Variance[ch] += q[e] * squares / count
				r.Variance[ch] += q[e] * (own[e].Variance[ch] + shift*shift)
			}
			n.Mean[ch], r.Mean[ch] = mean, mean
		}
		normalizing, running = append(normalizing, n), append(running, r)
	}
	return normalizing, running
}
