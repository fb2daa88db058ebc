// Package rnlayer is Reciprocal Normalization (RN, arXiv 2112.10474) and the
// normalizations it is compared with, for GoMLX.
//
// In unsupervised domain adaptation the images of several domains pass a
// network together: a batch holds the rows of K domains one after another
// (K = 2: source, then target). For domain d, μ^d and v^d are the per-channel
// mean and unbiased variance over the batch and space. RN changes them in two
// steps before it normalizes with them.
//
// Reciprocal compensation (RC) looks up the channels of the other domain that
// behave alike, once for means and once for variances:
//
//	P^{st} = softmax_j( −(μ^s_i − μ^t_j)² )      [channels, channels]
//	μ̂^s    = P^{st} μ^t                          and symmetrically for t
//
// Reciprocal aggregation (RA) mixes what was found with the domain's own
// statistics through learned gates a in [0.5, 1], one per channel, domain and
// statistic, that start at 1:
//
//	μ̃^s = a^s ⊙ μ^s + (1 − a^s) ⊙ μ̂^s
//	y   = γ (x − μ̃) / √(ṽ + ε) + β
//
// γ and β are shared by the domains. Running statistics are moving averages of
// the aggregated μ̃ and ṽ; inference uses the target's and costs what batch
// normalization costs.
//
// # The norms it is compared with
//
// With w the biased variance, divided by the number of samples:
//
//	bn         y = γ (x − μ)/√(w + ε) + β       μ and w over the rows of all domains
//	adabn      y = γ (x − μ^d)/√(w^d + ε) + β   evaluated with the target's population statistics
//	ds         y = γ (x − μ^d)/√(v^d + ε) + β   RN with its gates at 1
//	dsbn       as adabn, with γ^d and β^d of each domain
//	autodial   the mean and variance of a mixture, α of the domain and 1 − α of the others
//	transnorm  adabn's y times 1 + α, with α from how alike the domains' statistics are
//	dwt        y = γ L⁻¹(x − μ^d) + β           L Lᵀ = (1 − ε)Σ^d + εI, in groups of 4 channels
//
// Each is in a file with its formulas, its constants and where they are from,
// and takes any number of domains. [Spec.Affine] gives a layer of any but dwt as
// the scale and shift that it is in inference.
//
// # Use
//
// A layer is built where the activations are:
//
//	x = rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
//
// and the gates are kept in their range by wrapping the optimizer:
//
//	opt = rnlayer.WithGateProjection(opt)
//
// Networks that should work with any normalization take a [Norm], a function
// that a [Spec] of the registry ([All], [Lookup]) makes.
//
// # Conventions
//
// Graph-building functions panic, as everywhere in GoMLX, with what was given
// and what was expected; all others return errors. Whether the layer trains
// (statistics of the batch) or infers (running statistics) is the graph's
// training flag, see [model.Store.SetTraining].
//
// Variables live in a sub-scope [ScopeName] of the scope given, under the
// names [VarScale], [VarOffset], [VarRunningMean] and [VarRunningVariance], and
// [VarMeanGate] and [VarVarianceGate] of RN, [VarAlpha] of AutoDIAL,
// [VarRunningCovariance] of DWT.
package rnlayer
