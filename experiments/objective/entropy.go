package objective

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

var targetEntropy = Spec{
	Name:       "entropy",
	Summary:    "cross-entropy on source + 0.1 · mean entropy of the target's predictions",
	Reference:  "Grandvalet and Bengio 2004; weight as in arXiv 2112.10474",
	UsesTarget: true,
	New: func(o Options) Objective {
		return func(_ *model.Scope, b Batch) Losses {
			b.requireTarget("entropy")
			return Losses{Task: b.task(), Transfer: MulScalar(TargetEntropy(b.TargetLogits), o.EntropyWeight)}
		}
	},
}

// entropyEpsilon keeps the logarithm of the target entropy finite (authors' code).
const entropyEpsilon = 1e-8

// TargetEntropy is the mean over rows of −Σ p log(p + 1e-8), p = softmax(logits),
// for logits [rows, classes]; a scalar.
func TargetEntropy(logits *Node) *Node {
	return ReduceAllMean(Entropy(Softmax(wide(logits), -1), entropyEpsilon))
}

// Entropy is −Σ p log(p + epsilon) of each row of probabilities [rows, classes];
// shaped [rows].
func Entropy(p *Node, epsilon float64) *Node {
	return Neg(ReduceSum(Mul(p, Log(AddScalar(p, epsilon))), -1))
}
