package objective

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

var dann = Spec{
	Name:        "dann",
	Summary:     "cross-entropy on source + adversarial domain discriminator on features",
	Reference:   "Ganin et al. 2016, arXiv 1505.07818",
	UsesTarget:  true,
	Adversarial: true,
	New: func(o Options) Objective {
		return func(scope *model.Scope, b Batch) Losses {
			return Losses{Task: b.task(), Transfer: MulScalar(DANN(scope, b, MLP(o)), o.TransferWeight)}
		}
	},
}

// DANN is the mean binary cross-entropy of a discriminator that tells source
// (label 1) from target features (label 0); their gradient is reversed with
// b.Lambda. A scalar.
func DANN(scope *model.Scope, b Batch, d Discriminator) *Node {
	b.requireTarget("DANN")
	features := ReverseGradient(b.features(), b.Lambda)
	return ReduceAllMean(b.domainLoss(d(scope.In(DiscriminatorScope), features)))
}
