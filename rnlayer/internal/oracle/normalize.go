package oracle

import (
	"fmt"
	"math"
)

// Train returns y for a training batch x, in its shape, and moves the running statistics
// of st: r becomes (1 − Momentum) r + Momentum s.
func (c Config) Train(x []float64, sizes []int, st *State) []float64 {
	c.mustBeValid()
	c.mustMatch(sizes)
	rowLength := rowLength(x, sizes, c.Channels)
	if c.Norm == BN {
		m := unbiased(x, c.Channels)
		c.move(st, 0, m)
		return c.affine(x, biased(m, len(x)/c.Channels), st.Gamma[0], st.Beta[0])
	}
	if c.Norm == DWT {
		return c.trainWhitening(x, sizes, st)
	}

	moments := DomainMoments(x, sizes, c.Channels)
	if c.Norm == RN {
		moments = c.Aggregate(x, sizes, st)
	}
	var normalizing []Moments
	if c.Norm == AutoDIAL {
		normalizing, moments = c.CrossDomain(x, sizes, st.Alpha[0])
	}
	var y []float64
	for d, rows := range sizes {
		part := x[len(y) : len(y)+rows*rowLength]
		m, gamma, beta := moments[d], st.Gamma[0], st.Beta[0]
		c.move(st, d, m)
		switch c.Norm {
		case AdaBN:
			m = biased(m, len(part)/c.Channels)
		case DSBN:
			m, gamma, beta = biased(m, len(part)/c.Channels), st.Gamma[d], st.Beta[d]
		case AutoDIAL:
			m = normalizing[d]
		case TransNorm:
			alpha := st.HeldAlpha
			if alpha == nil {
				alpha = c.Transferability(moments)
			}
			m, gamma, beta = biased(m, len(part)/c.Channels), amplified(gamma, alpha[d]), amplified(beta, alpha[d])
		}
		y = append(y, c.affine(part, m, gamma, beta)...)
	}
	return y
}

// Infer returns y for rows x of one domain (counted from 0), in the shape of x, normalized
// with the domain's running statistics; BN has one set for all domains.
func (c Config) Infer(x []float64, domain int, st *State) []float64 {
	c.mustBeValid()
	if domain < 0 || domain >= c.Domains {
		panic(fmt.Sprintf("oracle: domain %d of %d", domain, c.Domains))
	}
	statistics, affine := domain, 0
	if c.Norm == BN {
		statistics = 0
	}
	if c.Norm == DSBN {
		affine = domain
	}
	m := Moments{Mean: st.RunningMean[statistics], Variance: st.RunningVariance[statistics]}
	gamma, beta := st.Gamma[affine], st.Beta[affine]
	switch c.Norm {
	case DWT:
		return c.whiten(x, m.Mean, st.RunningCovariance[domain], gamma, beta)
	case TransNorm:
		all := make([]Moments, c.Domains)
		for d := range all {
			all[d] = Moments{Mean: st.RunningMean[d], Variance: st.RunningVariance[d]}
		}
		alpha := c.Transferability(all)[domain]
		gamma, beta = amplified(gamma, alpha), amplified(beta, alpha)
	}
	return c.affine(x, m, gamma, beta)
}

// affine returns γ (x − mean)/√(variance + ε) + β for x of shape [n, channels].
func (c Config) affine(x []float64, m Moments, gamma, beta []float64) []float64 {
	if len(x)%c.Channels != 0 {
		panic(fmt.Sprintf("oracle: %d values are not rows of %d channels", len(x), c.Channels))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		ch := i % c.Channels
		y[i] = gamma[ch]*(v-m.Mean[ch])/math.Sqrt(m.Variance[ch]+c.Epsilon) + beta[ch]
	}
	return y
}

func (c Config) move(st *State, set int, m Moments) {
	for ch := range c.Channels {
		st.RunningMean[set][ch] = (1-c.Momentum)*st.RunningMean[set][ch] + c.Momentum*m.Mean[ch]
		st.RunningVariance[set][ch] = (1-c.Momentum)*st.RunningVariance[set][ch] + c.Momentum*m.Variance[ch]
	}
}

func (c Config) mustMatch(sizes []int) {
	if len(sizes) != c.Domains {
		panic(fmt.Sprintf("oracle: sizes %v for %d domains", sizes, c.Domains))
	}
}
