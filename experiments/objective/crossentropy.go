package objective

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// CrossEntropy returns the mean over rows of −log softmax(logits)[label], a scalar,
// for logits [rows, classes] and integer labels [rows] or [rows, 1]. A label that is
// out of range adds 0, so the caller must check labels first.
func CrossEntropy(logits, labels *Node) *Node {
	requireMatrix("logits", logits, "rows, classes")
	rows, classes := logits.Shape().Dim(0), logits.Shape().Dim(1)
	if labels == nil {
		Panicf("objective: the batch has no labels for logits of shape %s: want integers [%d] or [%d, 1]", logits.Shape(), rows, rows)
	}
	if !labels.DType().IsInt() || labels.Rank() < 1 || labels.Rank() > 2 || labels.Shape().Dim(0) != rows || labels.Shape().Size() != rows {
		Panicf("objective: labels of shape %s for logits of shape %s: want integers [%d] or [%d, 1]",
			labels.Shape(), logits.Shape(), rows, rows)
	}
	// OneHot counts classes in the labels' dtype, where 8 bits would wrap around.
	indices := ConvertDType(Reshape(labels, rows), dtypes.Int32)
	oneHot := OneHot(indices, classes, wide(logits).DType())
	return DivScalar(Neg(ReduceAllSum(Mul(oneHot, LogSoftmax(wide(logits), -1)))), float64(rows))
}
