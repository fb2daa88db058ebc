package rnlayer

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Layer holds a store's values of one norm layer. They are copies, [domains][channels]
// where nothing else is said.
type Layer struct {
	// Path is the scope of the layer's variables, such as "/model/conv1/norm".
	Path string
	// Scale and Offset are γ and β, [1][channels] if the domains share them.
	Scale, Offset [][]float64
	// RunningMean and RunningVariance are the statistics of inference.
	RunningMean, RunningVariance [][]float64
	// MeanGates and VarianceGates are RN's gates; nil for other norms.
	MeanGates, VarianceGates [][]float64
	// Alpha is AutoDIAL's α, [1][1]; nil for other norms.
	Alpha [][]float64
}

// Layers returns the norm layers of a store, all that keep running statistics, in the
// order of their creation. An error names the variable that cannot be read.
func Layers(store *model.Store) ([]Layer, error) {
	var layers []Layer
	for v := range store.IterVariables() {
		if model.BasePath(v.Scope()) != ScopeName || v.Name() != VarRunningMean {
			continue
		}
		l := Layer{Path: v.Scope()}
		for name, to := range map[string]*[][]float64{
			VarScale: &l.Scale, VarOffset: &l.Offset,
			VarRunningMean: &l.RunningMean, VarRunningVariance: &l.RunningVariance,
			VarMeanGate: &l.MeanGates, VarVarianceGate: &l.VarianceGates, VarAlpha: &l.Alpha,
		} {
			value := store.GetVariable(model.JoinPath(l.Path, name))
			if value == nil {
				continue
			}
			t, err := value.Value()
			if err != nil {
				return nil, fmt.Errorf("rnlayer: reading %s/%s: %w", l.Path, name, err)
			}
			rows, err := rowsOf(t)
			if err != nil {
				return nil, fmt.Errorf("rnlayer: reading %s/%s: %w", l.Path, name, err)
			}
			*to = rows
		}
		layers = append(layers, l)
	}
	return layers, nil
}

// rowsOf copies a tensor [rows, columns] into float64 slices. A tensor [columns] and a
// scalar are one row.
func rowsOf(t *tensors.Tensor) ([][]float64, error) {
	shape := t.Shape()
	if shape.Rank() > 2 {
		return nil, fmt.Errorf("shape is %s, expected [rows, columns]", shape)
	}
	var flat []float64
	switch shape.DType {
	case dtypes.Float64:
		values, err := tensors.CopyFlatData[float64](t)
		if err != nil {
			return nil, err
		}
		flat = values
	case dtypes.Float32:
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		for _, x := range values {
			flat = append(flat, float64(x))
		}
	default:
		return nil, fmt.Errorf("shape is %s, expected float32 or float64 values", shape)
	}
	columns := 1
	if shape.Rank() > 0 {
		columns = shape.Dim(-1)
	}
	return slices.Collect(slices.Chunk(flat, columns)), nil
}
