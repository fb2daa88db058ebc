package rnlayer

// domainSpecific normalizes each domain with its own statistics and shared γ and β:
//
//	y = γ (x − μ^d)/√(v^d + ε) + β
//
// It is Reciprocal Normalization with its gates held at 1.
var domainSpecific = Spec{
	Name:       "ds",
	Summary:    "domain-specific statistics, shared affine (RN with gates at 1)",
	Reference:  "AdaBN's statistics used in training; see arXiv 1603.04779",
	UsesTarget: true,
	method:     method{},
}
