package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
	"github.com/reciprocalnorm/rn/rnlayer/internal/exchange"
)

// VarAlpha is the name of AutoDIAL's α, a scalar.
const VarAlpha = "alpha"

// autoDIAL normalizes each domain with the statistics of a mixture of the two, in which
// the domain itself has the weight α:
//
//	μ^st = α μ^s + (1 − α) μ^t
//	v^st = α E_s[(x − μ^st)²] + (1 − α) E_t[(x − μ^st)²]       and symmetrically for t
//	y    = γ (x − μ^st)/√(v^st + ε) + β
//
// E is the mean over batch and space. The running variance uses v^d + (μ^d − μ^st)² with
// the unbiased v^d instead of E_d. The domains share γ and β.
//
// α is one learned scalar a layer. It starts at 1, domain-specific statistics, and is
// projected to [GateMin, 1] after each step, by default the paper's [0.5, 1]: at 0.5 the
// domains have one statistic in common. It has no weight decay, which would pull it
// there. With K > 2 domains each other domain has the weight (1 − α)/(K − 1).
var autoDIAL = Spec{
	Name:       "autodial",
	Summary:    "statistics of a mixture of the domains, one learned weight a layer",
	Reference:  "Carlucci et al. 2017, arXiv 1704.08082",
	UsesTarget: true,
	Options:    []string{"gate_min"},
	NoDecay:    []string{VarAlpha},
	method:     method{biased: true, mix: crossDomain},
}

// crossDomain returns the moments of each domain's mixture with the others. Around a
// mean m, E_d[(x − m)²] is v^d + (μ^d − m)².
func crossDomain(l *layer, own batch.Moments) batch.Moments {
	alpha := l.alpha()
	mixture := func(ours, theirs *Node) *Node { return Add(Mul(alpha, ours), Mul(OneMinus(alpha), theirs)) }
	others := func(stat *Node) *Node {
		return Reshape(exchange.Others(stat, l.domains), l.domains-1, l.domains, l.channels)
	}
	means, variances := others(own.Mean), others(own.Variance)
	mean := mixture(own.Mean, ReduceMean(means, 0))
	ours := Add(own.Variance, Square(Sub(own.Mean, mean)))
	theirs := Add(variances, Square(Sub(means, InsertAxes(mean, 0))))
	return batch.Moments{Mean: mean, Variance: mixture(ours, ReduceMean(theirs, 0))}
}

// alpha creates or finds the layer's α.
func (l *layer) alpha() *Node {
	l.scope.SetParam(paramGateMin, l.opts.GateMin)
	return l.scope.WithInitializer(initializer.One).VariableWithShape(VarAlpha, shapes.Make(l.x.DType())).NodeValue(l.x.Graph())
}
