package rnlayer

// batchNorm is batch normalization over the joint batch: one mean and one
// variance over the rows of all domains, as PyTorch's BatchNorm (the biased
// variance normalizes, the unbiased one goes into the running statistics). It
// is what adaptation code computes that gives a plain network the concatenated
// batch.
var batchNorm = Spec{
	Name:      "bn",
	Summary:   "batch norm, one statistic over all domains of the batch",
	Reference: "Ioffe and Szegedy 2015, arXiv 1502.03167",
	method:    method{pooled: true, biased: true},
}
