package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// VarAlpha is the name of AutoDIAL's α, a scalar.
const VarAlpha = "alpha"

// autoDIAL normalizes each domain with the statistics of a mixture of the two,
// in which its own share is α:
//
//	μ^st = α μ^s + (1 − α) μ^t
//	v^st = α E_s[(x − μ^st)²] + (1 − α) E_t[(x − μ^st)²]       and symmetrically for t
//	y    = γ (x − μ^st)/√(v^st + ε) + β
//
// E is the mean over batch and space; the running variance has v^d + (μ^d − μ^st)²
// with the unbiased v^d in the place of E_d. γ and β are shared. α is one learned
// scalar a layer. It starts at 1, domain-specific statistics, and is projected to
// [GateMin, 1] after each step, by default the paper's [0.5, 1]: at 0.5 the
// domains share one statistic. It takes no weight decay, which would pull it
// there. With K > 2 domains what is mixed in is the mean over the others: the
// mixture's shares are α of the domain and (1 − α)/(K − 1) of each other one.
var autoDIAL = Spec{
	Name:       "autodial",
	Summary:    "statistics of a mixture of the domains, one learned share a layer",
	Reference:  "Carlucci et al. 2017, arXiv 1704.08082",
	UsesTarget: true,
	NoDecay:    []string{VarAlpha},
	method:     method{biased: true, mix: crossDomain},
}

// crossDomain are the moments of each domain's mixture with the others. About a
// mean m, E_d[(x − m)²] is v^d + (μ^d − m)².
func crossDomain(l *layer, own Moments) Moments {
	alpha := l.alpha()
	share := func(ours, theirs *Node) *Node { return Add(Mul(alpha, ours), Mul(OneMinus(alpha), theirs)) }
	others := func(stat *Node) *Node {
		return Reshape(otherDomains(stat, l.domains), l.domains-1, l.domains, l.channels)
	}
	means, variances := others(own.Mean), others(own.Variance)
	mean := share(own.Mean, ReduceMean(means, 0))
	ours := Add(own.Variance, Square(Sub(own.Mean, mean)))
	theirs := Add(variances, Square(Sub(means, InsertAxes(mean, 0))))
	return Moments{Mean: mean, Variance: share(ours, ReduceMean(theirs, 0))}
}

// alpha is the layer's share of a domain's own distribution.
func (l *layer) alpha() *Node {
	l.scope.SetParam(ParamGateMin, l.opts.GateMin) // for ProjectGates
	return l.scope.WithInitializer(initializer.One).VariableWithShape(VarAlpha, shapes.Make(l.x.DType())).NodeValue(l.x.Graph())
}
