package oracle

// Aggregate returns μ̃ and ṽ of every domain, with which RN normalizes in training and
// which move the running statistics.
func (c Config) Aggregate(x []float64, sizes []int, st *State) []Moments {
	c.mustBeValid()
	c.mustMatch(sizes)
	moments := DomainMoments(x, sizes, c.Channels)
	means := make([][]float64, c.Domains)
	variances := make([][]float64, c.Domains)
	for d, m := range moments {
		means[d], variances[d] = m.Mean, m.Variance
	}
	out := make([]Moments, c.Domains)
	for d := range out {
		out[d] = moments[d]
		if c.Statistic != VarianceOnly {
			out[d].Mean = c.mix(means, d, st.MeanGate[d])
		}
		if c.Statistic != MeanOnly {
			out[d].Variance = c.mix(variances, d, st.VarianceGate[d])
		}
	}
	return out
}

// mix returns the aggregated statistic of domain d, [C]; statistic is [K][C].
func (c Config) mix(statistic [][]float64, d int, gate []float64) []float64 {
	others := make([]float64, c.Channels)
	for e := range statistic {
		if e == d {
			continue
		}
		theirs := statistic[e]
		if c.Mixing != SameChannel {
			theirs = Compensate(Correlation(c.Distance, c.Group, statistic[d], statistic[e]), c.Group, statistic[e])
		}
		for i := range others {
			others[i] += theirs[i] / float64(len(statistic)-1)
		}
	}
	out := make([]float64, c.Channels)
	for i := range out {
		a := gate[i]
		if c.Mixing == FixedShare {
			a = c.OwnShare
		}
		out[i] = a*statistic[d][i] + (1-a)*others[i]
	}
	return out
}
