package weights

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Apply copies the weights of a file into the variables of a network, below
// scope in the store: convolutions, and the scale, offset and running statistics
// of the norms. Norms that keep a row a domain, [domains, channels], get the same
// row for each. What a norm has beside these, such as gates, stays as it is; of
// DWT that is the covariances between channels, which start at 0.
//
// The variables must exist, with or without values:
//
//	err := resnet.CreateVariables(backend, store, "/model/backbone", norm)
//	…
//	err = weights.Apply(store, "/model/backbone", resnet, file)
//
// The file must pass [File.Check]; nothing is changed unless all of it fits.
func Apply(store *model.Store, scope string, r backbone.ResNet, f *File) error {
	if err := f.Check(r); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	type change struct {
		variable *model.Variable
		value    *tensors.Tensor
	}
	var changes []change
	for _, want := range r.Tensors() {
		path := model.JoinPath(scope, want.Path)
		v := store.GetVariable(path)
		if v == nil {
			return fmt.Errorf("weights: there is no variable %s for %s: create the network's variables first", path, want.Name)
		}
		value, err := valueFor(f.Tensors[want.Name], v)
		if err != nil {
			return fmt.Errorf("weights: %s for variable %s: %w", want.Name, path, err)
		}
		changes = append(changes, change{v, value})
	}
	for _, c := range changes {
		if err := c.variable.SetValue(c.value); err != nil {
			return fmt.Errorf("weights: variable %s: %w", c.variable.Path(), err)
		}
	}
	return nil
}

// valueFor lays a tensor out in the shape and dtype of a variable.
func valueFor(t Tensor, v *model.Variable) (*tensors.Tensor, error) {
	shape := v.Shape()
	values, dims := variableLayout(t), variableShape(t)
	switch {
	case slices.Equal(shape.Dimensions, dims):
	case len(dims) == 1 && shape.Rank() == 2 && shape.Dim(1) == dims[0]: // [domains, channels]
		values = slices.Repeat(values, shape.Dim(0))
	default:
		return nil, fmt.Errorf("shape %v does not fit %v", dims, shape.Dimensions)
	}
	switch shape.DType {
	case dtypes.Float32:
		return tensors.FromFlatDataAndDimensions(values, shape.Dimensions...), nil
	case dtypes.Float64:
		wide := make([]float64, len(values))
		for i, value := range values {
			wide[i] = float64(value)
		}
		return tensors.FromFlatDataAndDimensions(wide, shape.Dimensions...), nil
	default:
		return nil, fmt.Errorf("the variable is of %s: want float32 or float64", shape.DType)
	}
}

// variableShape is the shape of variableLayout's values.
func variableShape(t Tensor) []int {
	switch s := t.Shape; len(s) {
	case 2:
		return []int{s[1], s[0]}
	case 4:
		return []int{s[2], s[3], s[1], s[0]}
	default:
		return s
	}
}
