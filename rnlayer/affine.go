package rnlayer

import (
	"errors"
	"fmt"
	"math"
)

// Affine is the inference of a norm layer as one scale and one shift a channel,
// [channels] each:
//
//	y = Scale·x + Shift
//
// It can be folded into the preceding convolution or linear layer.
type Affine struct{ Scale, Shift []float64 }

// Affine returns the inference of a layer of this norm with the running statistics that
// o.Evaluation selects. Of the options only Evaluation and Epsilon matter. A layer with
// statistics of a single domain, such as a frozen one, counts as batch norm whatever
// the norm.
//
// DWT is an error because it mixes channels, and so is [EvalBatch], because the
// statistics of a batch are not fixed.
func (s Spec) Affine(l Layer, o Options) (Affine, error) {
	domains := len(l.RunningMean)
	switch {
	case o.Evaluation == EvalBatch:
		return Affine{}, errors.New("the statistics of a batch give no fixed scale and shift: evaluate with target or source")
	case s.method.whitens && domains > 1:
		return Affine{}, fmt.Errorf("layer %s: norm %q mixes the channels of a group, which no scale and shift of each channel can", l.Path, s.Name)
	case domains == 0 || len(l.RunningVariance) != domains || len(l.Scale) == 0 || len(l.Offset) != len(l.Scale):
		return Affine{}, fmt.Errorf("layer %s lacks a scale, offset, running mean or running variance", l.Path)
	}
	d := o.Evaluation.domain(domains)
	own := o.Evaluation.domain(len(l.Scale))
	mean, variance, gamma, beta := l.RunningMean[d], l.RunningVariance[d], l.Scale[own], l.Offset[own]
	a := Affine{make([]float64, len(gamma)), make([]float64, len(gamma))}
	for c := range gamma {
		a.Scale[c] = gamma[c] / math.Sqrt(variance[c]+o.Epsilon)
		a.Shift[c] = beta[c] - mean[c]*a.Scale[c]
	}
	if s.method.savedGain != nil && domains > 1 {
		for c, gain := range s.method.savedGain(l, d, o.Epsilon) {
			a.Scale[c] *= gain
			a.Shift[c] *= gain
		}
	}
	return a, nil
}
