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
	Options:     adversarialOptions,
	New: func(o Options) Objective {
		return func(scope *model.Scope, b Batch) Losses {
			return Losses{Task: b.task(), Transfer: MulScalar(DANN(scope, b, mlp(o)), o.TransferWeight)}
		}
	},
}

// DANN returns the mean binary cross-entropy, a scalar, of a discriminator that
// tells source features (label 1) from target features (label 0). The gradient of
// the features is reversed with b.Lambda.
func DANN(scope *model.Scope, b Batch, d Discriminator) *Node {
	b.requireTarget("DANN")
	features := ReverseGradient(b.features(), b.Lambda)
	return ReduceAllMean(b.domainLoss(d(scope.In(DiscriminatorScope), features)))
}
