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

// requireRank2 panics unless x is a matrix of floats; axes names its axes.
func requireRank2(what string, x *Node, axes string) {
	if x == nil {
		Panicf("objective: no %s in the batch, want floats of %s", what, axes)
	}
	if x.Rank() != 2 || !x.DType().IsFloat() {
		Panicf("objective: %s of shape %s, want floats of %s", what, x.Shape(), axes)
	}
}

// requireTargetLogits panics unless the batch has target rows with the classes
// of its source rows.
func (b Batch) requireTargetLogits(name string) {
	if b.TargetLogits == nil {
		Panicf("objective: %s needs target rows in the batch", name)
	}
	requireRank2("source logits", b.SourceLogits, "[rows, classes]")
	requireRank2("target logits", b.TargetLogits, "[rows, classes]")
	if s, t := b.SourceLogits.Shape(), b.TargetLogits.Shape(); s.Dim(1) != t.Dim(1) || s.DType != t.DType {
		Panicf("objective: %s: source logits of shape %s and target logits of shape %s differ in classes or dtype", name, s, t)
	}
}

// requireTarget panics unless the batch has logits and features of both
// domains that fit one another.
func (b Batch) requireTarget(name string) {
	b.requireTargetLogits(name)
	requireRank2("source features", b.SourceFeatures, "[rows, features]")
	requireRank2("target features", b.TargetFeatures, "[rows, features]")
	if s, t := b.SourceFeatures.Shape(), b.TargetFeatures.Shape(); s.Dim(1) != t.Dim(1) || s.DType != t.DType {
		Panicf("objective: %s: source features of shape %s and target features of shape %s differ in width or dtype", name, s, t)
	}
	for _, domain := range []struct {
		name             string
		features, logits *Node
	}{{"source", b.SourceFeatures, b.SourceLogits}, {"target", b.TargetFeatures, b.TargetLogits}} {
		if f, l := domain.features.Shape(), domain.logits.Shape(); f.Dim(0) != l.Dim(0) {
			Panicf("objective: %s: %s features of shape %s and logits of shape %s differ in rows", name, domain.name, f, l)
		}
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
