package rnlayer

// adaBN is Adaptive Batch Normalization: a network with batch norm is trained on the
// source, and then the mean and variance of every layer are replaced by those of the
// target's images; γ and β stay:
//
//	training     y = γ (x − μ^d)/√(w^d + ε) + β     w biased, as PyTorch's BatchNorm
//	evaluation   y = γ (x − μ^t)/√(v^t + ε) + β     μ^t, v^t of all target images
//
// A training batch holds the rows of both domains, and each domain is normalized with
// its own statistics, so that no source row sees the target. Under an objective without
// a loss on target rows, weights, γ and β are those of batch norm trained on the source
// alone, and the target's rows pass only for their statistics. Under an objective with
// such a loss (entropy, DANN, CDAN), target rows are normalized in training as they are
// in the evaluation.
//
// The running statistics move with every step. Population asks for the paper's
// algorithm 1 instead: means over an epoch of target images under the weights that are
// evaluated. Each layer's statistics are estimated while the layers before it normalize
// with the statistics of the batch. With K > 2 domains each source has its own
// statistics.
var adaBN = Spec{
	Name:       "adabn",
	Summary:    "batch norm of each domain, evaluated with the target's population statistics",
	Reference:  "Li et al. 2016, arXiv 1603.04779",
	UsesTarget: true,
	Population: true,
	method:     method{biased: true},
}
