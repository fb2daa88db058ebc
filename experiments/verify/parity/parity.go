// Package parity runs golden files on a backend and compares the results with the
// authors' numbers: layers, losses and whole training runs, and the features of a
// published ResNet. `rn verify` is this package.
package parity

import (
	"fmt"
	"io"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// Case is one comparison of this repository with golden numbers: a golden file,
// or a part of one.
type Case struct {
	File *golden.File
	// Name is the part's name within the file; "" if the case is the whole file.
	Name string
	// NotRun is the reason why this repository cannot compute the case; "" if it
	// can.
	NotRun string

	dtypes []dtypes.DType
	run    func(*run) error
}

// String is the path of the file and the name of the part.
func (c Case) String() string {
	if c.Name == "" {
		return c.File.Path
	}
	return c.File.Path + " " + c.Name
}

// DTypes are the dtypes that the case runs in, float64 first; none if it does not
// run.
func (c Case) DTypes() []dtypes.DType { return slices.Clone(c.dtypes) }

// bothDTypes are the dtypes of most cases. A ResNet's published weights are
// float32.
var bothDTypes = []dtypes.DType{dtypes.Float64, dtypes.Float32}

// Cases lists the cases of a golden file in a fixed order.
func Cases(file *golden.File) []Case {
	switch file.Kind {
	case golden.KindLayer:
		return []Case{{File: file, dtypes: bothDTypes, run: (*run).layer}}
	case golden.KindLosses:
		return []Case{{File: file, dtypes: bothDTypes, run: (*run).losses}}
	case golden.KindTrajectory:
		return []Case{{File: file, dtypes: bothDTypes, run: (*run).trajectory}}
	case golden.KindResNet:
		return []Case{{File: file, dtypes: []dtypes.DType{dtypes.Float32}, run: (*run).resnet}}
	case golden.KindNorm:
		return normCases(file)
	case golden.KindObjective:
		return objectiveCases(file)
	case golden.KindPartial:
		return []Case{{File: file, NotRun: fmt.Sprintf("partial adaptation with %q is not implemented", file.Partial.Method)}}
	default:
		return []Case{{File: file, NotRun: fmt.Sprintf("files of kind %q are not supported", file.Kind)}}
	}
}

// Inputs are what files of published networks need beside their numbers.
type Inputs struct {
	// Weights reads published weights by their name in package weights, as
	// weights.Open does.
	Weights func(name string) (*weights.File, error)
	// Photos is the folder that the photographs' paths start from. Photographs
	// that are not there are not run; "" runs none.
	Photos string
	// Progress gets a line at each slow step; nil is silent.
	Progress io.Writer
}

// Run runs the case on a backend in one of its [Case.DTypes]. An error means that
// the case could not be run; the result tells whether the numbers agree.
func (c Case) Run(backend compute.Backend, dtype dtypes.DType, inputs Inputs) (Result, error) {
	if !slices.Contains(c.dtypes, dtype) {
		return Result{}, fmt.Errorf("%s does not run in %s", c, dtype)
	}
	r := &run{backend: backend, file: c.File, dtype: dtype, inputs: inputs}
	if err := c.run(r); err != nil {
		return Result{}, fmt.Errorf("%s in %s: %w", c, dtype, err)
	}
	return Result{
		File: c.File.Path, Case: c.Name, Kind: c.File.Kind, DType: dtype.String(), Checks: r.checks, PhotosNotRun: r.photosNotRun,
	}, nil
}
