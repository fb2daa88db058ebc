package objective

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

var targetEntropy = Spec{
	Name:       "entropy",
	Summary:    "cross-entropy on source + 0.1 · mean entropy of the target's predictions",
	Reference:  "Grandvalet and Bengio 2004; weight as in arXiv 2112.10474",
	UsesTarget: true,
	New: func(o Options) Objective {
		return func(_ *model.Scope, b Batch) Losses {
			b.requireTargetLogits("entropy")
			return Losses{Task: b.task(), Transfer: MulScalar(TargetEntropy(b.TargetLogits), o.EntropyWeight)}
		}
	},
}

// entropyEpsilon keeps the logarithm of the target entropy finite (authors' code).
const entropyEpsilon = 1e-8

// TargetEntropy is the mean over rows of −Σ p log(p + 1e-8), p = softmax(logits),
// for logits [rows, classes]; a scalar.
func TargetEntropy(logits *Node) *Node {
	requireRank2("logits", logits, "[rows, classes]")
	return ReduceAllMean(Entropy(Softmax(wide(logits), -1), entropyEpsilon))
}

// Entropy is −Σ p log(p + epsilon) of each row of probabilities [rows, classes],
// in nats; shaped [rows], at least float32. The authors' code has epsilon 1e-8
// in the target entropy and CDAN's 1e-5 in the weights of CDAN+E.
func Entropy(p *Node, epsilon float64) *Node {
	requireRank2("probabilities", p, "[rows, classes]")
	if !(epsilon > 0) {
		Panicf("objective: entropy with epsilon %g, want it above 0: the gradient of p log p at 0 is infinite", epsilon)
	}
	p = wide(p)
	return Neg(ReduceSum(Mul(p, Log(AddScalar(p, epsilon))), -1))
}
