package rnlayer

// dsbn is Domain-Specific Batch Normalization: each domain has a batch norm with its
// own statistics, γ and β:
//
//	y = γ^d (x − μ^d)/√(w^d + ε) + β^d
//
// As in PyTorch's BatchNorm, the biased variance w normalizes and the unbiased one moves
// the running statistics.
var dsbn = Spec{
	Name:       "dsbn",
	Summary:    "domain-specific batch norm: statistics and affine of each domain",
	Reference:  "Chang et al. 2019, arXiv 1906.03950",
	UsesTarget: true,
	method:     method{ownAffine: true, biased: true},
}
