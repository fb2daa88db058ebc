// Package parity runs golden files on a backend and compares: the layer, the
// losses and whole training runs against numbers from the authors' PyTorch
// code. It is what `rn verify` does.
package parity

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/golden"
)

// Tolerances, relative to the largest magnitude of the golden array.
const (
	tolerance64    = 1e-9
	tolerance32    = 2e-4
	trajectory64   = 1e-7 // of what a trajectory ends with
	trajectory32   = 5e-3 // of everything in a trajectory
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
	// Tolerance is what MaxRel may be.
	Tolerance float64 `json:"tolerance"`
}

// OK reports whether the array agrees.
func (c Check) OK() bool { return c.MaxRel <= c.Tolerance } // false for NaN

// Case is a golden file run in one dtype.
type Case struct {
	File   string      `json:"file"`
	Kind   golden.Kind `json:"kind"`
	DType  string      `json:"dtype"`
	Checks []Check     `json:"checks"`
}

// OK reports whether all arrays agree.
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
		share := check.MaxRel / check.Tolerance
		if math.IsNaN(share) {
			return check
		}
		if share > most {
			worst, most = check, share
		}
	}
	return worst
}

// DTypes are those in which every file is run.
func DTypes() []dtypes.DType { return []dtypes.DType{dtypes.Float64, dtypes.Float32} }

// Supported reports whether files of a kind can be run.
func Supported(kind golden.Kind) bool { return runners[kind] != nil }

// runners run the kinds of golden files.
var runners = map[golden.Kind]func(*run) error{
	golden.KindLayer:      (*run).layer,
	golden.KindLosses:     (*run).losses,
	golden.KindTrajectory: (*run).trajectory,
}

// Run runs a golden file on a backend in one dtype. An error says that it could
// not be run; numbers that disagree are in the case.
func Run(backend compute.Backend, file *golden.File, dtype dtypes.DType) (Case, error) {
	r := &run{backend: backend, file: file, dtype: dtype}
	if !Supported(file.Kind) {
		return Case{}, fmt.Errorf("%s: files of kind %q cannot be run", file.Path, file.Kind)
	}
	if err := runners[file.Kind](r); err != nil {
		return Case{}, fmt.Errorf("%s in %s: %w", file.Path, dtype, err)
	}
	return Case{File: file.Path, Kind: file.Kind, DType: dtype.String(), Checks: r.checks}, nil
}

// run is a golden file being run.
type run struct {
	backend compute.Backend
	file    *golden.File
	dtype   dtypes.DType
	checks  []Check
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
