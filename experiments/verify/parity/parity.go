// Package parity runs golden files on a backend and compares: the layer, the
// losses and whole training runs against numbers from the authors' PyTorch
// code, and a published ResNet against what it computes elsewhere. It is what
// `rn verify` does.
package parity

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// Tolerances, relative to the largest magnitude of the golden array.
const (
	tolerance64    = 1e-9
	tolerance32    = 2e-4
	trajectory64   = 1e-7 // of what a trajectory ends with
	trajectory32   = 5e-3 // of everything in a trajectory
	resnet32       = 1e-3 // of the features and logits of a ResNet
	zeroIsRelative = 1    // the scale of an array of zeros
)

// Check is the comparison of one array of a golden file.
type Check struct {
	// Name is the array's path in the file, such as "steps[2].grad_x".
	Name string `json:"name"`
	// MaxAbs is the largest absolute difference; NaN if a value is NaN.
	MaxAbs float64 `json:"max_abs"`
	// MaxRel is MaxAbs over the largest magnitude of the golden array.
	MaxRel float64 `json:"max_rel"`
	// Tolerance is what MaxRel may be. It is 0 where classes are compared: there
	// MaxAbs is how many differ and MaxRel their share.
	Tolerance float64 `json:"tolerance"`
}

// OK reports whether the array agrees.
func (c Check) OK() bool { return c.MaxRel <= c.Tolerance } // false for NaN

// used is the share of the tolerance that the difference takes up.
func (c Check) used() float64 {
	if c.Tolerance == 0 && c.OK() {
		return 0
	}
	return c.MaxRel / c.Tolerance
}

// Case is a golden file run in one dtype.
type Case struct {
	File   string      `json:"file"`
	Kind   golden.Kind `json:"kind"`
	DType  string      `json:"dtype"`
	Checks []Check     `json:"checks"`
	// NotRun says what in the file could not be run for want of photographs.
	NotRun []string `json:"not_run,omitempty"`
}

// OK reports whether all arrays that were run agree.
func (c Case) OK() bool {
	for _, check := range c.Checks {
		if !check.OK() {
			return false
		}
	}
	return len(c.Checks) > 0
}

// Worst is the check that uses most of its tolerance.
func (c Case) Worst() Check {
	var worst Check
	most := -1.0
	for _, check := range c.Checks {
		share := check.used()
		if math.IsNaN(share) {
			return check
		}
		if share > most {
			worst, most = check, share
		}
	}
	return worst
}

// kind is how golden files of a kind are run.
type kind struct {
	run    func(*run) error
	dtypes []dtypes.DType
}

// kinds are those that can be run. A ResNet's published weights are float32.
var kinds = map[golden.Kind]kind{
	golden.KindLayer:      {(*run).layer, []dtypes.DType{dtypes.Float64, dtypes.Float32}},
	golden.KindLosses:     {(*run).losses, []dtypes.DType{dtypes.Float64, dtypes.Float32}},
	golden.KindTrajectory: {(*run).trajectory, []dtypes.DType{dtypes.Float64, dtypes.Float32}},
	golden.KindResNet:     {(*run).resnet, []dtypes.DType{dtypes.Float32}},
}

// DTypes are those in which files of a kind are run, float64 first; none if it
// cannot be run.
func DTypes(k golden.Kind) []dtypes.DType { return slices.Clone(kinds[k].dtypes) }

// Inputs are what files of published networks need beside their numbers.
type Inputs struct {
	// Weights reads published weights by their name in package weights, as
	// weights.Open does.
	Weights func(name string) (*weights.File, error)
	// Photos is the folder that the photographs' paths start from. Those that are
	// not there are not run.
	Photos string
	// Progress gets a line at each slow step; nil is silent.
	Progress io.Writer
}

// Run runs a golden file on a backend in one of the [DTypes] of its kind. An
// error says that it could not be run; numbers that disagree are in the case.
func Run(backend compute.Backend, file *golden.File, dtype dtypes.DType, inputs Inputs) (Case, error) {
	if !slices.Contains(kinds[file.Kind].dtypes, dtype) {
		return Case{}, fmt.Errorf("%s: files of kind %q cannot be run in %s", file.Path, file.Kind, dtype)
	}
	r := &run{backend: backend, file: file, dtype: dtype, inputs: inputs}
	if err := kinds[file.Kind].run(r); err != nil {
		return Case{}, fmt.Errorf("%s in %s: %w", file.Path, dtype, err)
	}
	return Case{File: file.Path, Kind: file.Kind, DType: dtype.String(), Checks: r.checks, NotRun: r.notRun}, nil
}

// run is a golden file being run.
type run struct {
	backend compute.Backend
	file    *golden.File
	dtype   dtypes.DType
	inputs  Inputs
	checks  []Check
	notRun  []string
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

// scalar converts a number to the run's dtype.
func (r *run) scalar(v float64) any {
	if r.dtype == dtypes.Float64 {
		return v
	}
	return float32(v)
}

// compare adds a check of got against want.
func (r *run) compare(name string, got *tensors.Tensor, want golden.Array, tolerance float64) error {
	var values []float64
	switch flat := got.Value(); got.DType() {
	case dtypes.Float64:
		values = tensors.MustCopyFlatData[float64](got)
	case dtypes.Float32:
		for _, v := range tensors.MustCopyFlatData[float32](got) {
			values = append(values, float64(v))
		}
	default:
		return fmt.Errorf("%s: got values of type %T", name, flat)
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

// tolerance is that of the run's dtype.
func (r *run) tolerance() float64 {
	if r.dtype == dtypes.Float64 {
		return tolerance64
	}
	return tolerance32
}
