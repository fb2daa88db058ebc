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
	Options:    []string{"entropy_weight"},
	New: func(o Options) Objective {
		return func(_ *model.Scope, b Batch) Losses {
			b.requireTargetLogits("entropy")
			return Losses{Task: b.task(), Transfer: MulScalar(TargetEntropy(b.TargetLogits), o.EntropyWeight)}
		}
	},
}

// entropyEpsilon keeps the logarithm in the target entropy finite. The value is from
// the authors' code.
const entropyEpsilon = 1e-8

// TargetEntropy returns the mean over rows of −Σ p log(p + 1e-8), a scalar, where
// p = softmax(logits) for logits [rows, classes].
func TargetEntropy(logits *Node) *Node {
	requireMatrix("logits", logits, "rows, classes")
	return ReduceAllMean(Entropy(Softmax(wide(logits), -1), entropyEpsilon))
}

// Entropy returns −Σ p log(p + epsilon) of each row of probabilities p
// [rows, classes], in nats: [rows], at least in float32. The authors' code uses the
// epsilon 1e-8 in the target entropy; CDAN's code uses 1e-5 in the weights of
// CDAN+E.
func Entropy(p *Node, epsilon float64) *Node {
	requireMatrix("probabilities", p, "rows, classes")
	if !(epsilon > 0) {
		Panicf("objective: entropy with epsilon %g: want more than 0, as the gradient of p log p is infinite at p = 0", epsilon)
	}
	p = wide(p)
	return Neg(ReduceSum(Mul(p, Log(AddScalar(p, epsilon))), -1))
}
