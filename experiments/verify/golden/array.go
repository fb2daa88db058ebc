package golden

import (
	"fmt"
	"math"
	"slices"
)

// Array is a dense array of numbers: Data holds the values in row-major order
// (the last axis moves fastest), as many as the product of Shape.
type Array struct {
	Shape []int     `json:"shape"`
	Data  []float64 `json:"data"`
}

// Size returns the number of values an array of the shape holds, 1 for the
// empty shape (a scalar). It is an error if a dimension is negative or if the
// product does not fit in an int.
func Size(shape []int) (int, error) {
	if i := slices.IndexFunc(shape, func(dim int) bool { return dim < 0 }); i >= 0 {
		return 0, fmt.Errorf("shape %v: dimension %d is negative", shape, i)
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	size := 1
	for _, dim := range shape {
		if size > math.MaxInt/dim {
			return 0, fmt.Errorf("shape %v: the number of values does not fit in an int", shape)
		}
		size *= dim
	}
	return size, nil
}

// validate checks that Shape has no negative dimension, that its product is the
// number of values in Data, and that every value is finite.
func (a Array) validate() error {
	size, err := Size(a.Shape)
	if err != nil {
		return err
	}
	if len(a.Data) != size {
		return fmt.Errorf("shape %v needs %d values, data has %d", a.Shape, size, len(a.Data))
	}
	for i, v := range a.Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("data[%d] is %v, expected a finite number", i, v)
		}
	}
	return nil
}

// ChannelsLast returns a copy with axis 1 (the channels of [N, C, spatial...])
// moved to the end: [N, spatial..., C]. Arrays of rank below 3 are copied as
// they are.
func (a Array) ChannelsLast() Array {
	if len(a.Shape) < 3 {
		return Array{Shape: slices.Clone(a.Shape), Data: slices.Clone(a.Data)}
	}
	rows, channels := a.Shape[0], a.Shape[1]
	positions := 1
	for _, dim := range a.Shape[2:] {
		positions *= dim
	}
	shape := append([]int{rows}, a.Shape[2:]...)
	out := Array{Shape: append(shape, channels), Data: make([]float64, len(a.Data))}
	for n := range rows {
		for c := range channels {
			for p := range positions {
				out.Data[(n*positions+p)*channels+c] = a.Data[(n*channels+c)*positions+p]
			}
		}
	}
	return out
}
