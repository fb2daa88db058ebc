package objective

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// CrossEntropy is the mean over rows of −log softmax(logits)[label] for logits
// [rows, classes] and integer labels [rows] or [rows, 1]; a scalar. A label
// out of range contributes nothing, so labels must be checked before.
func CrossEntropy(logits, labels *Node) *Node {
	requireRank2("logits", logits, "[rows, classes]")
	rows, classes := logits.Shape().Dim(0), logits.Shape().Dim(1)
	if labels == nil {
		Panicf("objective: no labels for logits of shape %s, want integers of [%d] or [%d, 1]", logits.Shape(), rows, rows)
	}
	if !labels.DType().IsInt() || labels.Rank() < 1 || labels.Rank() > 2 || labels.Shape().Dim(0) != rows || labels.Shape().Size() != rows {
		Panicf("objective: labels of shape %s for logits of shape %s, want integers of [%d] or [%d, 1]",
			labels.Shape(), logits.Shape(), rows, rows)
	}
	// OneHot counts classes in the labels' dtype: 8 bits would wrap around.
	indices := ConvertDType(Reshape(labels, rows), dtypes.Int32)
	oneHot := OneHot(indices, classes, wide(logits).DType())
	return DivScalar(Neg(ReduceAllSum(Mul(oneHot, LogSoftmax(wide(logits), -1)))), float64(rows))
}
