package parity

import (
	"encoding/json"
	"math"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// Tolerances, relative to the largest magnitude of the golden array.
const (
	tolerance64    = 1e-9
	tolerance32    = 2e-4
	trajectory64   = 1e-7 // for the end of a trajectory
	trajectory32   = 5e-3 // for everything in a trajectory
	resnet32       = 1e-3 // for the features and logits of a ResNet
	zeroIsRelative = 1    // the scale of an array of zeros
)

// Check is the comparison of one array of a golden file.
type Check struct {
	// Name is the array's path in the file, such as "steps[2].grad_x".
	Name string
	// MaxAbs is the largest absolute difference; NaN if a value is NaN.
	MaxAbs float64
	// MaxRel is MaxAbs divided by the largest magnitude of the golden array.
	MaxRel float64
	// Tolerance is the largest MaxRel that agrees. It is 0 where classes are
	// compared: there MaxAbs counts the classes that differ and MaxRel is their
	// share.
	Tolerance float64
}

// MarshalJSON writes differences that are not finite, which JSON does not have, as
// null.
func (c Check) MarshalJSON() ([]byte, error) {
	finite := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return json.Marshal(struct {
		Name      string   `json:"name"`
		MaxAbs    *float64 `json:"max_abs"`
		MaxRel    *float64 `json:"max_rel"`
		Tolerance float64  `json:"tolerance"`
	}{c.Name, finite(c.MaxAbs), finite(c.MaxRel), c.Tolerance})
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

// Result is a case that ran in one dtype.
type Result struct {
	File string `json:"file"`
	// Case is the part of the file; empty for a whole file.
	Case   string      `json:"case,omitempty"`
	Kind   golden.Kind `json:"kind"`
	DType  string      `json:"dtype,omitempty"`
	Checks []Check     `json:"checks,omitempty"`
	// PhotosNotRun lists the photographs of the file that were not found.
	PhotosNotRun []string `json:"photos_not_run,omitempty"`
}

// OK reports whether every array that was compared agrees.
func (r Result) OK() bool {
	for _, check := range r.Checks {
		if !check.OK() {
			return false
		}
	}
	return len(r.Checks) > 0
}

// Worst is the check that uses most of its tolerance.
func (r Result) Worst() Check {
	var worst Check
	most := -1.0
	for _, check := range r.Checks {
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
