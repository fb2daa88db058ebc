package objective

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// wide converts 16-bit values to float32, in which all losses are computed, and
// keeps float64.
func wide(x *Node) *Node {
	if x.DType() == dtypes.Float64 {
		return x
	}
	return ConvertDType(x, dtypes.Float32)
}

// task returns the mean cross-entropy of the source rows.
func (b Batch) task() *Node { return CrossEntropy(b.SourceLogits, b.SourceLabels) }

// requireMatrix panics unless x is a matrix of floats. what and axes name it and its
// axes in the message.
func requireMatrix(what string, x *Node, axes string) {
	if x == nil {
		Panicf("objective: the batch has no %s: want floats [%s]", what, axes)
	}
	if x.Rank() != 2 || !x.DType().IsFloat() {
		Panicf("objective: %s of shape %s: want floats [%s]", what, x.Shape(), axes)
	}
}

// requireTargetLogits panics unless the batch has logits of both domains for the
// same classes. name is the objective's name in the message.
func (b Batch) requireTargetLogits(name string) {
	if b.TargetLogits == nil {
		Panicf("objective: %s needs target rows, but the batch has none", name)
	}
	requireMatrix("source logits", b.SourceLogits, "rows, classes")
	requireMatrix("target logits", b.TargetLogits, "rows, classes")
	if s, t := b.SourceLogits.Shape(), b.TargetLogits.Shape(); s.Dim(1) != t.Dim(1) || s.DType != t.DType {
		Panicf("objective: %s: source logits of shape %s and target logits of shape %s differ in classes or dtype", name, s, t)
	}
}

// requireTarget panics unless the batch has logits and features of both domains
// whose shapes match.
func (b Batch) requireTarget(name string) {
	b.requireTargetLogits(name)
	requireMatrix("source features", b.SourceFeatures, "rows, features")
	requireMatrix("target features", b.TargetFeatures, "rows, features")
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

// logits returns the logits of source and target rows, in this order, at least in
// float32.
func (b Batch) logits() *Node {
	return wide(Concatenate([]*Node{b.SourceLogits, b.TargetLogits}, 0))
}

// features returns the features of source and target rows, in this order, at least
// in float32.
func (b Batch) features() *Node {
	return wide(Concatenate([]*Node{b.SourceFeatures, b.TargetFeatures}, 0))
}
