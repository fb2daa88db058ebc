package rnlayer

// batchNorm is batch normalization over the joint batch: one mean and one variance over
// the rows of all domains,
//
//	y = γ (x − μ)/√(w + ε) + β
//
// As in PyTorch's BatchNorm, the biased variance w normalizes and the unbiased one moves
// the running statistics. Adaptation code computes this if it passes the concatenated
// batch through a plain network.
var batchNorm = Spec{
	Name:      "bn",
	Summary:   "batch norm, one statistic over all domains of the batch",
	Reference: "Ioffe and Szegedy 2015, arXiv 1502.03167",
	method:    method{pooled: true, biased: true},
}
