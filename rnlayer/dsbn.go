package rnlayer

// dsbn is Domain-Specific Batch Normalization: a full batch norm a domain,
// with γ and β of its own, as PyTorch's BatchNorm (the biased variance
// normalizes, the unbiased one goes into the running statistics).
var dsbn = Spec{
	Name:       "dsbn",
	Summary:    "domain-specific batch norm: statistics and affine of each domain",
	Reference:  "Chang et al. 2019, arXiv 1906.03950",
	UsesTarget: true,
	method:     method{ownAffine: true, biased: true},
}
