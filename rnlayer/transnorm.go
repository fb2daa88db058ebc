package rnlayer

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
	"github.com/reciprocalnorm/rn/rnlayer/internal/exchange"
)

// transNorm normalizes each domain with its own statistics and then amplifies the
// channels whose statistics are alike in the domains:
//
//	d^c = |μ_s/√(v_s + ε) − μ_t/√(v_t + ε)|
//	α^c = C (1 + d^c)⁻¹ / Σ_c (1 + d^c)⁻¹                     sums to C, the number of channels
//	y   = (γ (x − μ^d)/√(w^d + ε) + β)(1 + α)
//
// As in the authors' code, w is the biased variance and d^c uses the unbiased one, the
// domains share γ and β, no gradient flows through α, and inference computes α from the
// running statistics of both domains. Their code draws γ from U(0, 1) in new layers, see
// Options.UniformScale. With K > 2 domains d^c of a domain is the mean over the others,
// so that each domain has its own α.
var transNorm = Spec{
	Name:       "transnorm",
	Summary:    "domain-specific statistics, channels amplified by how alike the domains are",
	Reference:  "Wang et al. 2019, Transferable Normalization, NeurIPS 32",
	UsesTarget: true,
	method:     method{biased: true, gain: transferability, savedGain: savedTransferability},
}

// transferability returns 1 + α of each domain, [domains, channels], for the statistics
// of all domains.
func transferability(l *layer, m batch.Moments) *Node {
	ratio := StopGradient(Div(m.Mean, Sqrt(AddScalar(m.Variance, l.opts.Epsilon))))
	others := Reshape(exchange.Others(ratio, l.domains), l.domains-1, l.domains, l.channels)
	distance := ReduceMean(Abs(Sub(others, InsertAxes(ratio, 0))), 0)
	likeness := Inverse(OnePlus(distance))
	alpha := MulScalar(Div(likeness, ReduceAndKeep(likeness, ReduceSum, -1)), float64(l.channels))
	return OnePlus(alpha)
}

// savedTransferability returns 1 + α of one domain, [channels], for the running
// statistics of a layer.
func savedTransferability(l Layer, domain int, epsilon float64) []float64 {
	ratio := func(d, c int) float64 { return l.RunningMean[d][c] / math.Sqrt(l.RunningVariance[d][c]+epsilon) }
	channels, domains := len(l.RunningMean[domain]), len(l.RunningMean)
	gain, sum := make([]float64, channels), 0.0
	for c := range gain {
		distance := 0.0
		for d := range domains {
			distance += math.Abs(ratio(domain, c)-ratio(d, c)) / float64(domains-1)
		}
		gain[c] = 1 / (1 + distance)
		sum += gain[c]
	}
	for c := range gain {
		gain[c] = 1 + float64(channels)*gain[c]/sum
	}
	return gain
}
