package parity

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// run is a case being run.
type run struct {
	backend      compute.Backend
	file         *golden.File
	dtype        dtypes.DType
	inputs       Inputs
	checks       []Check
	photosNotRun []string
}

// say reports a slow step.
func (r *run) say(format string, args ...any) {
	if r.inputs.Progress != nil {
		_, _ = fmt.Fprintf(r.inputs.Progress, "%s: "+format+"\n", append([]any{r.file.Path}, args...)...)
	}
}

// tensor converts a golden array to the run's dtype.
func (r *run) tensor(a golden.Array) *tensors.Tensor {
	if r.dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(a.Data, a.Shape...)
	}
	narrow := make([]float32, len(a.Data))
	for i, v := range a.Data {
		narrow[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(narrow, a.Shape...)
}

// number is an array of one number without axes.
func number(v float64) golden.Array { return golden.Array{Data: []float64{v}} }

// tolerance is the tolerance of the run's dtype.
func (r *run) tolerance() float64 {
	if r.dtype == dtypes.Float64 {
		return tolerance64
	}
	return tolerance32
}

// compare adds a check of got against want.
func (r *run) compare(name string, got *tensors.Tensor, want golden.Array, tolerance float64) error {
	var values []float64
	switch got.DType() {
	case dtypes.Float64:
		values = tensors.MustCopyFlatData[float64](got)
	case dtypes.Float32:
		for _, v := range tensors.MustCopyFlatData[float32](got) {
			values = append(values, float64(v))
		}
	default:
		return fmt.Errorf("%s: got values of dtype %s", name, got.DType())
	}
	if len(values) != len(want.Data) {
		return fmt.Errorf("%s: got shape %s, want %v", name, got.Shape(), want.Shape)
	}
	r.compareValues(name, values, want.Data, tolerance)
	return nil
}

// compareValues adds a check of got against want, of the same length.
func (r *run) compareValues(name string, got, want []float64, tolerance float64) {
	scale, worst := 0.0, 0.0
	for i := range want {
		scale = math.Max(scale, math.Abs(want[i]))
		worst = math.Max(worst, math.Abs(got[i]-want[i])) // NaN stays NaN
	}
	if scale == 0 {
		scale = zeroIsRelative
	}
	r.checks = append(r.checks, Check{Name: name, MaxAbs: worst, MaxRel: worst / scale, Tolerance: tolerance})
}

// differentiated is an input of a loss and the golden gradient of the loss with
// respect to it.
type differentiated struct {
	name            string
	value, gradient golden.Array
}

// compareLoss compares a scalar loss and its gradients. build receives the values
// of the inputs in their order.
func (r *run) compareLoss(name string, inputs []differentiated, loss float64, build func(scope *model.Scope, inputs []*Node) *Node) error {
	args := make([]any, len(inputs))
	for i, input := range inputs {
		args[i] = r.tensor(input.value)
	}
	out, err := model.CallOnceN(r.backend, model.NewStore(), func(scope *model.Scope, nodes []*Node) []*Node {
		l := build(scope, nodes)
		return append([]*Node{l}, Gradient(l, nodes...)...)
	}, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := r.compare(name+".loss", out[0], number(loss), r.tolerance()); err != nil {
		return err
	}
	for i, input := range inputs {
		if err := r.compare(name+".grad_"+input.name, out[1+i], input.gradient, r.tolerance()); err != nil {
			return err
		}
	}
	return nil
}
