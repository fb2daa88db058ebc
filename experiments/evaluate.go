package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// evalBatchValues bounds the values that are predicted at once, and
// maxEvalBatch the examples. The last batch is padded, so that one graph is
// compiled.
const (
	evalBatchValues = 32 * 224 * 224 * 3
	maxEvalBatch    = 500
)

// evalBatch is the number of examples of a shape that are predicted at once.
func evalBatch(shape []int) int {
	return min(max(evalBatchValues/sizeOf(shape), 1), maxEvalBatch)
}

// forward passes examples through a network in batches of a fixed size and
// hands out the values of each as they come, [width] an example, in order of
// index. Examples that cannot be read are left out if o says so.
func forward(ctx context.Context, s set, o loader.Options, call func(x *tensors.Tensor) (*tensors.Tensor, error), each func(index int, values []float32) error) error {
	n, shape := s.examples.Len(), s.examples.Shape()
	rows := min(evalBatch(shape), n)
	schedule := func(step int) []int {
		var indices []int
		for i := step * rows; i < min((step+1)*rows, n); i++ {
			indices = append(indices, i)
		}
		return indices
	}
	l := loader.New(s.examples, schedule, 0, 0, o)
	defer l.Close()
	crops := max(s.crops, 1)
	dims := slices.Concat([]int{rows}, shape)
	if s.crops > 0 { // crops are rows of their own: [rows·crops, …]
		dims = slices.Concat([]int{rows * crops}, shape[1:])
	}
	values := make([]float32, rows*sizeOf(shape))
	for start := 0; start < n; start += rows {
		b, err := l.Next(ctx)
		if err != nil {
			return fmt.Errorf("reading %s: %w", s.name, err)
		}
		for filled := 0; filled < len(values); { // a last batch is padded with its own examples
			filled += copy(values[filled:], b.Values)
		}
		x := tensors.FromFlatDataAndDimensions(values, dims...)
		out, err := call(x)
		x.MustFinalizeAll()
		if err != nil {
			return fmt.Errorf("predicting %s: %w", s.name, err)
		}
		flat, err := tensors.CopyFlatData[float32](out)
		out.MustFinalizeAll()
		if err != nil {
			return fmt.Errorf("predicting %s: %w", s.name, err)
		}
		width := len(flat) / rows
		for i, index := range b.Indices {
			if index != start+i { // another example in the place of one that cannot be read
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

// predict returns the class probabilities of labelled examples; those of several
// crops are averaged, as in CDAN's code.
func (t *trainer) predict(ctx context.Context, s set, o loader.Options) (Predictions, error) {
	p := Predictions{Classes: s.classes}
	crops := max(s.crops, 1)
	err := forward(ctx, s, o, func(x *tensors.Tensor) (*tensors.Tensor, error) { return t.infer.Call1(x) }, func(index int, logits []float32) error {
		classes := len(logits) / crops
		mean := make([]float64, classes)
		for c := range crops {
			for k, v := range softmax(logits[c*classes : (c+1)*classes]) {
				mean[k] += v / float64(crops)
			}
		}
		p.Labels = append(p.Labels, s.labels[index])
		p.Probabilities = append(p.Probabilities, mean)
		return nil
	})
	if err == nil && len(p.Labels) == 0 {
		err = errors.New("no image of " + s.name + " can be read")
	}
	return p, err
}

// evaluate predicts labelled examples and scores the predictions.
func (t *trainer) evaluate(ctx context.Context, s set, o loader.Options) (Evaluation, error) {
	p, err := t.predict(ctx, s, o)
	if err != nil {
		return Evaluation{}, err
	}
	return p.Evaluation(), nil
}
