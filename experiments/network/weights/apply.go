package weights

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Apply copies the weights of a file into the variables of a network, below scope in
// the store: convolutions, and the scale, offset and running statistics of the norms.
// Norms with a row for each domain, [domains, channels], get equal rows. Apply leaves
// other variables of a norm alone, such as gates, or DWT's covariances between
// channels, which start at 0.
//
// The variables must exist, with or without values:
//
//	err := resnet.CreateVariables(backend, store, "/model/backbone", norm)
//	…
//	err = weights.Apply(store, "/model/backbone", resnet, file)
//
// The file must pass [File.Check]. Apply changes nothing unless everything fits.
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
			return fmt.Errorf("weights: variable %s for %s does not exist: create the network's variables first", path, want.Name)
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

// valueFor converts a tensor to the layout and dtype of a variable.
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
		return nil, fmt.Errorf("the variable has dtype %s: want float32 or float64", shape.DType)
	}
}

// variableShape returns the shape of variableLayout's values.
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
