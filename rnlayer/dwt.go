package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
	"github.com/reciprocalnorm/rn/rnlayer/internal/matrices"
)

// VarRunningCovariance is the name of DWT's running covariances between the channels of
// a group, [domains, groups, 4, 4]. The diagonals are 0: the running variance holds the
// variances. It is not trainable.
const VarRunningCovariance = "running_covariance"

// Constants of DWT (the paper and the authors' code).
const (
	whiteningGroup   = 4    // adjacent channels that are whitened together
	whiteningEpsilon = 1e-3 // weight of the identity in the covariance
)

// dwt is the Domain-specific Whitening Transform: within groups of 4 adjacent channels
// the covariance becomes the identity, for each domain with its own statistics:
//
//	Σ^d = E_d[(x − μ^d)(x − μ^d)ᵀ]         [4, 4] a group, E the mean over batch and space
//	Σ'  = (1 − ε) Σ^d + ε I = L Lᵀ         ε = 1e-3
//	y   = γ L⁻¹(x − μ^d) + β
//
// The domains share γ and β, and gradients flow through the statistics. As in the
// authors' code a group has min(C, 4) channels, which must divide the C channels, and
// the running averages are those of μ and of Σ before ε. They start at 0 and I (the
// authors' code starts Σ with ones throughout). If the running mean and variance hold a
// pretrained batch norm's, Σ starts at the diagonal matrix of the variances.
// Options.Epsilon is not used. There may be any number of domains.
//
// The authors whiten in the first layers of a network and normalize single channels in
// the others; here every layer built with this norm whitens.
var dwt = Spec{
	Name:       "dwt",
	Summary:    "domain-specific whitening of groups of 4 channels, shared affine",
	Reference:  "Roy et al. 2019, arXiv 1903.03215",
	UsesTarget: true,
	method:     method{whitens: true},
}

// whiten builds the layer.
func (l *layer) whiten() *Node {
	g := l.x.Graph()
	group := min(whiteningGroup, l.channels)
	if l.channels%group != 0 {
		Panicf("rnlayer: %d channels of activations of shape %s in scope %q are not divisible into whitening groups of %d adjacent channels",
			l.channels, l.x.Shape(), l.scope.Scope(), group)
	}
	gamma, beta := l.affine()
	running := l.runningVariables()
	between := l.scope.WithInitializer(initializer.Zero).VariableWithShape(VarRunningCovariance,
		shapes.Make(l.x.DType(), l.domains, l.channels/group, group, group)).SetTrainable(false)
	training := l.scope.IsTraining(g)
	b := batch.Whole(l.x, l.axis)
	if training {
		b.Parts = l.parts()
	}
	var mean, covariance *Node
	if training || l.opts.Evaluation == EvalBatch {
		l.requireSamples(b)
		mean, covariance = b.Covariances(group)
	} else {
		m := l.evaluationMoments(b, running)
		mean = m.Mean
		covariance = Add(row(between.NodeValue(g), l.evaluationDomain()), matrices.FromDiagonals(m.Variance, group))
	}
	if training && watcherOf(g) == nil {
		variance := matrices.Diagonals(covariance)
		running.update(batch.Moments{Mean: mean, Variance: variance}, l.opts.Momentum)
		move(between, Sub(covariance, matrices.FromDiagonals(variance, group)), l.opts.Momentum)
	}
	identity := matrices.FromDiagonals(OnesLike(mean), group)
	shrunk := Add(MulScalar(covariance, 1-whiteningEpsilon), MulScalar(identity, whiteningEpsilon))
	white := b.Transform(mean, matrices.InverseCholesky(shrunk))
	zero, parts := ZerosLike(mean), mean.Shape().Dim(0)
	return white.Minus(zero).Normalize(zero, batch.PerPart(gamma, parts), batch.PerPart(beta, parts))
}
