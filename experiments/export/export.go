// Package export writes a trained network for other programs: norms folded into the
// layers before them, in safetensors with PyTorch's layout and names.
package export

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/training"
)

// Report says what was written.
type Report struct {
	Path string `json:"path"`
	// Tensors is the number of tensors, Norms the number of norms that were folded.
	Tensors int `json:"tensors"`
	Norms   int `json:"norms"`
	// Images is the number of test images that both networks were run on,
	// MaxDifference the largest difference of a logit divided by the largest logit.
	Images        int     `json:"images"`
	MaxDifference float64 `json:"max_difference"`
}

// foldTolerance bounds the relative difference of a folded network's logits:
// float32 through the hundred layers of a deep ResNet.
const foldTolerance = 1e-3

// Safetensors folds the norms, as inference uses them, into the layers before them
// and writes the network as safetensors:
//
//	w′ = w·γ/√(v + ε)        b′ = β + (b − μ)·γ/√(v + ε)
//
// or with the scale and shift that the norm has instead, see rnlayer.Spec.Affine.
// DWT mixes channels, so it has no scale and shift and cannot be exported.
//
// Tensors have PyTorch's layout and torchvision's names, with a "conv1.bias" beside
// "conv1.weight" and without bn1. The head's tensors are "bottleneck" and
// "classifier". The trainer's configuration must have float32 activations. Its
// network and the folded one are run on test images; nothing is written if their
// logits differ by more than rounding. Test images that cannot be read are left out
// if o says so.
func Safetensors(ctx context.Context, backend compute.Backend, t *training.Trainer, test input.Set, o loader.Options, metadata map[string]string, path string) (Report, error) {
	x, images, err := firstExamples(ctx, test, o)
	if err != nil {
		return Report{}, err
	}
	want, err := t.Logits(x) // it also makes the variables
	if err != nil {
		return Report{}, err
	}
	folds, err := foldsOf(t)
	if err != nil {
		return Report{}, err
	}
	folded, err := foldedStore(t.Store, folds)
	if err != nil {
		return Report{}, err
	}
	defer folded.Finalize()
	got, err := foldedLogits(backend, t, folded, x)
	if err != nil {
		return Report{}, err
	}
	r := Report{Path: path, Norms: len(folds), Images: images, MaxDifference: relativeDifference(got, want)}
	if !(r.MaxDifference <= foldTolerance) {
		return r, fmt.Errorf("the folded network's logits differ by %.1e of the largest logit: nothing is written", r.MaxDifference)
	}
	r.Tensors, err = writeSafetensors(path, folded, metadata)
	return r, err
}

// firstExamples reads the first batch of test images.
func firstExamples(ctx context.Context, s input.Set, o loader.Options) (x *tensors.Tensor, n int, err error) {
	shape := s.Examples.Shape()
	if s.Crops > 0 {
		return nil, 0, errors.New("the run tests with ten crops: export it with one")
	}
	n = input.EvalRows(s)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	l := loader.New(s.Examples, func(step int) []int {
		if step > 0 {
			return nil
		}
		return all
	}, 0, 0, o)
	defer l.Close()
	b, err := l.Next(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", s.Name, err)
	}
	// Examples that cannot be read were replaced: count each once.
	return tensors.FromFlatDataAndDimensions(slices.Clone(b.Values), slices.Concat([]int{n}, shape)...), len(slices.Compact(slices.Sorted(slices.Values(b.Indices)))), nil
}

// relativeDifference is the largest difference over the largest magnitude.
func relativeDifference(a, b *tensors.Tensor) float64 {
	difference, scale := 0.0, 0.0
	flatA, flatB := tensors.MustCopyFlatData[float32](a), tensors.MustCopyFlatData[float32](b)
	for i := range flatA {
		difference = math.Max(difference, math.Abs(float64(flatA[i]-flatB[i])))
		scale = math.Max(scale, math.Abs(float64(flatB[i])))
	}
	return difference / scale
}
