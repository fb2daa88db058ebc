package golden

import (
	"math"
	"testing"
)

func TestArrayValidate(t *testing.T) {
	for _, test := range []struct {
		array Array
		ok    bool
	}{
		{Array{Shape: []int{2, 1}, Data: []float64{1, 2}}, true},
		{Array{Data: []float64{1}}, true},
		{Array{Shape: []int{0, math.MaxInt, math.MaxInt}}, true},
		{Array{Shape: []int{1}}, false},
		{Array{Shape: []int{-1, -1}, Data: []float64{1}}, false},
		{Array{Shape: []int{1 << 32, 1 << 32}}, false},
		{Array{Shape: []int{1}, Data: []float64{math.NaN()}}, false},
		{Array{Shape: []int{1}, Data: []float64{math.Inf(-1)}}, false},
	} {
		if err := test.array.validate(); (err == nil) != test.ok {
			t.Errorf("%v: got error %v, expected valid: %v", test.array, err, test.ok)
		}
	}
}
