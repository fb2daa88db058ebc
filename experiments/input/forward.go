package input

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// evalBatchValues bounds the values of a batch in tests, maxEvalBatch its
// examples. The last batch is padded, so that one graph serves all batches.
const (
	evalBatchValues = 32 * 224 * 224 * 3
	maxEvalBatch    = 500
)

// EvalBatch is the number of examples of a shape in a batch of tests.
func EvalBatch(shape []int) int {
	return min(max(evalBatchValues/SizeOf(shape), 1), maxEvalBatch)
}

// Forward passes examples through a network in batches of a fixed size. It calls
// each with the values [width] of every example in order of index. Examples that
// cannot be read are left out if o says so.
func Forward(ctx context.Context, s Set, o loader.Options, call func(x *tensors.Tensor) (*tensors.Tensor, error), each func(index int, values []float32) error) error {
	n, shape := s.Examples.Len(), s.Examples.Shape()
	rows := min(EvalBatch(shape), n)
	schedule := func(step int) []int {
		var indices []int
		for i := step * rows; i < min((step+1)*rows, n); i++ {
			indices = append(indices, i)
		}
		return indices
	}
	l := loader.New(s.Examples, schedule, 0, 0, o)
	defer l.Close()
	crops := max(s.Crops, 1)
	dims := slices.Concat([]int{rows}, shape)
	if s.Crops > 0 { // crops are rows of their own: [rows·crops, …]
		dims = slices.Concat([]int{rows * crops}, shape[1:])
	}
	values := make([]float32, rows*SizeOf(shape))
	for start := 0; start < n; start += rows {
		b, err := l.Next(ctx)
		if err != nil {
			return fmt.Errorf("reading %s: %w", s.Name, err)
		}
		for filled := 0; filled < len(values); { // a last batch is padded with its own examples
			filled += copy(values[filled:], b.Values)
		}
		x := tensors.FromFlatDataAndDimensions(values, dims...)
		out, err := call(x)
		x.MustFinalizeAll()
		if err != nil {
			return fmt.Errorf("predicting %s: %w", s.Name, err)
		}
		flat, err := tensors.CopyFlatData[float32](out)
		out.MustFinalizeAll()
		if err != nil {
			return fmt.Errorf("predicting %s: %w", s.Name, err)
		}
		width := len(flat) / rows
		for i, index := range b.Indices {
			if index != start+i { // the loader replaced an example that cannot be read
				continue
			}
			if err := each(index, flat[i*width:(i+1)*width]); err != nil {
				return err
			}
		}
		l.Recycle(b)
	}
	return nil
}
