package objective

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// wide converts to float32 what is narrower: losses are never taken in 16 bits.
func wide(x *Node) *Node {
	if x.DType() == dtypes.Float64 {
		return x
	}
	return ConvertDType(x, dtypes.Float32)
}

// task is the mean cross-entropy of the source rows.
func (b Batch) task() *Node { return CrossEntropy(b.SourceLogits, b.SourceLabels) }

// CrossEntropy is the mean over rows of −log softmax(logits)[label] for logits
// [rows, classes] and integer labels [rows] or [rows, 1]; a scalar. A label
// out of range contributes nothing, so labels must be checked before.
func CrossEntropy(logits, labels *Node) *Node {
	rows, classes := requireLogits(logits), logits.Shape().Dim(1)
	if !labels.DType().IsInt() || labels.Shape().Size() != rows || labels.Rank() > 2 {
		Panicf("objective: labels of shape %s for logits of shape %s, want integers of [%d] or [%d, 1]",
			labels.Shape(), logits.Shape(), rows, rows)
	}
	oneHot := OneHot(Reshape(labels, rows), classes, wide(logits).DType())
	return DivScalar(Neg(ReduceAllSum(Mul(oneHot, LogSoftmax(wide(logits), -1)))), float64(rows))
}

// requireLogits panics unless logits are [rows, classes]; it returns the rows.
func requireLogits(logits *Node) int {
	if logits.Rank() != 2 {
		Panicf("objective: logits of shape %s, want [rows, classes]", logits.Shape())
	}
	return logits.Shape().Dim(0)
}

// requireTarget panics unless the batch has target rows that fit its source rows.
func (b Batch) requireTarget(name string) {
	if b.TargetLogits == nil || b.TargetFeatures == nil {
		Panicf("objective: %s needs target rows in the batch", name)
	}
	requireLogits(b.SourceLogits)
	requireLogits(b.TargetLogits)
	if s, t := b.SourceLogits.Shape(), b.TargetLogits.Shape(); s.Dim(1) != t.Dim(1) {
		Panicf("objective: %s: source logits of shape %s and target logits of shape %s differ in classes", name, s, t)
	}
	if s, t := b.SourceFeatures.Shape(), b.TargetFeatures.Shape(); s.Rank() != 2 || t.Rank() != 2 || s.Dim(1) != t.Dim(1) {
		Panicf("objective: %s: source features of shape %s and target features of shape %s, want [rows, features] alike", name, s, t)
	}
}

// logits are those of [source; target], at least float32.
func (b Batch) logits() *Node {
	return wide(Concatenate([]*Node{b.SourceLogits, b.TargetLogits}, 0))
}

// features are those of [source; target], at least float32.
func (b Batch) features() *Node {
	return wide(Concatenate([]*Node{b.SourceFeatures, b.TargetFeatures}, 0))
}

// domainLoss is the binary cross-entropy of each row of the discriminator's
// logits z [rows, 1] with the domain's label, 1 for source and 0 for target:
//
//	BCE = max(z, 0) − z·label + log(1 + e^(−|z|))
//
// which is −log of the predicted probability without its overflow; [rows, 1].
func (b Batch) domainLoss(z *Node) *Node {
	sources, targets := b.SourceLogits.Shape().Dim(0), b.TargetLogits.Shape().Dim(0)
	if z.Rank() != 2 || z.Shape().Dim(0) != sources+targets || z.Shape().Dim(1) != 1 {
		Panicf("objective: the discriminator made shape %s, want [%d, 1]", z.Shape(), sources+targets)
	}
	g := z.Graph()
	label := Concatenate([]*Node{
		BroadcastToDims(ScalarOne(g, z.DType()), sources, 1),
		BroadcastToDims(ScalarZero(g, z.DType()), targets, 1),
	}, 0)
	return Add(Sub(MaxScalar(z, 0), Mul(z, label)), Log1P(Exp(Neg(Abs(z)))))
}
