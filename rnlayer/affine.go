package rnlayer

import (
	"errors"
	"fmt"
	"math"
)

// Affine is what a norm layer computes in inference, a channel each:
//
//	y = Scale·x + Shift
//
// so that it folds into the convolution or the linear layer before it.
type Affine struct{ Scale, Shift []float64 }

// Affine returns the map of a layer of this norm with the running statistics
// that o.Evaluation selects; of the options only that and Epsilon matter. A
// layer whose statistics are of one domain is taken for batch norm whatever the
// norm, as a frozen one is. DWT has no such map, as it mixes channels, and the
// statistics of a batch have none either: both are errors.
func (s Spec) Affine(l Layer, o Options) (Affine, error) {
	domains := len(l.RunningMean)
	switch {
	case o.Evaluation == EvalBatch:
		return Affine{}, errors.New("the statistics of a batch are no fixed scale and shift: choose the target's or the source's")
	case s.method.whitens && domains > 1:
		return Affine{}, fmt.Errorf("layer %s: norm %q mixes the channels of a group: it is no scale and shift of each channel", l.Path, s.Name)
	case domains == 0 || len(l.RunningVariance) != domains || len(l.Scale) == 0 || len(l.Offset) != len(l.Scale):
		return Affine{}, fmt.Errorf("layer %s has no scale, offset, running mean or running variance", l.Path)
	}
	d := o.Evaluation.domain(domains)
	affine := o.Evaluation.domain(len(l.Scale))
	mean, variance, gamma, beta := l.RunningMean[d], l.RunningVariance[d], l.Scale[affine], l.Offset[affine]
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
