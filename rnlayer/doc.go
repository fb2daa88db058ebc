// Package rnlayer normalizes the activations of several domains in one batch:
// Reciprocal Normalization (RN, arXiv 2112.10474) and seven norms to compare it with,
// as layers for GoMLX.
//
// In unsupervised domain adaptation a batch holds the rows of K domains one after
// another (K = 2: source, then target). For domain d, μ^d and v^d are the per-channel
// mean and unbiased variance over the domain's rows and all positions, [channels]. RN
// changes them in two steps before it normalizes with them.
//
// Reciprocal compensation (RC) looks up the channels of the other domain that behave
// alike, once for the means and once for the variances:
//
//	P^{st} = softmax_j( −(μ^s_i − μ^t_j)² )      [channels, channels]
//	μ̂^s    = P^{st} μ^t                          and symmetrically for t
//
// Reciprocal aggregation (RA) mixes the result with the domain's own statistics through
// learned gates a in [0.5, 1], one per channel, domain and statistic, that start at 1:
//
//	μ̃^s = a^s ⊙ μ^s + (1 − a^s) ⊙ μ̂^s
//	y   = γ (x − μ̃) / √(ṽ + ε) + β
//
// The domains share γ and β. Running statistics are moving averages of μ̃ and ṽ;
// inference normalizes with the target's and costs as much as batch normalization.
//
// # The norms it is compared with
//
// With w the biased variance, divided by the number of samples:
//
//	bn         y = γ (x − μ)/√(w + ε) + β       μ and w over the rows of all domains
//	adabn      y = γ (x − μ^d)/√(w^d + ε) + β   evaluated with the target's population statistics
//	ds         y = γ (x − μ^d)/√(v^d + ε) + β   RN with its gates at 1
//	dsbn       as adabn, with γ^d and β^d of each domain
//	autodial   mean and variance of a mixture, α of the domain and 1 − α of the others
//	transnorm  adabn's y times 1 + α, where α says how alike the domains' statistics are
//	dwt        y = γ L⁻¹(x − μ^d) + β           L Lᵀ = (1 − ε)Σ^d + εI, in groups of 4 channels
//
// Each has its own file with the formulas, the constants and their sources, and takes
// any number of domains. In inference every norm but dwt is one scale and one shift a
// channel, which [Spec.Affine] returns.
//
// # Use
//
// Build the layer where the activations are:
//
//	x = rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
//
// and wrap the optimizer, which keeps the gates in their range:
//
//	opt = rnlayer.WithGateProjection(opt)
//
// A network that should work with any normalization takes a [Norm], a function that a
// [Spec] of the registry ([All], [Lookup]) makes.
//
// # Conventions
//
// Functions that build graphs panic, as everywhere in GoMLX, with the given and the
// expected value; all others return errors. The graph's training flag decides whether a
// layer uses the statistics of the batch or the running ones, see
// [model.Store.SetTraining].
//
// The variables of a layer are in the sub-scope [ScopeName] of the scope given:
// [VarScale], [VarOffset], [VarRunningMean] and [VarRunningVariance]; RN adds
// [VarMeanGate] and [VarVarianceGate], AutoDIAL [VarAlpha], DWT [VarRunningCovariance].
//
// # Where to read
//
// reciprocal.go is RN as in the paper, and layer.go the frame that all norms share. The
// internal packages hold the arithmetic in the form that XLA compiles well: batch
// (statistics of a batch and normalization), nearest (P t with a gradient that keeps no
// matrix), exchange (statistics of the other domains), matrices and axes. Package
// oracle computes everything again in plain float64 loops, for the tests.
package rnlayer
