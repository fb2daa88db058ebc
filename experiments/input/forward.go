package input

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// evalBatchValues and maxEvalBatch bound the values and the examples of a batch in
// tests.
const (
	evalBatchValues = 32 * 224 * 224 * 3
	maxEvalBatch    = 500
)

// EvalBatch returns the largest number of examples of a shape in a batch of tests.
func EvalBatch(shape []int) int {
	return min(max(evalBatchValues/SizeOf(shape), 1), maxEvalBatch)
}

// EvalRows returns the number of examples of a set in each batch of tests: EvalBatch,
// or all of a smaller set.
func EvalRows(s Set) int { return min(EvalBatch(s.Examples.Shape()), s.Examples.Len()) }

// Forward passes examples through a network in batches of rows examples, so that one
// graph serves all batches: Forward fills up the last one by repeating its examples.
// It calls each with the values [width] of every example, in order of index. It leaves
// out examples that cannot be read if o says so.
func Forward(ctx context.Context, s Set, rows int, o loader.Options, call func(x *tensors.Tensor) (*tensors.Tensor, error), each func(index int, values []float32) error) error {
	n, shape := s.Examples.Len(), s.Examples.Shape()
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
		for filled := 0; filled < len(values); {
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
