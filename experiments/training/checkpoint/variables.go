package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/safetensors"
)

// formats maps the dtypes that can be stored to safetensors' dtypes.
var formats = map[dtypes.DType]safetensors.DType{
	dtypes.Bool: safetensors.BOOL,
	dtypes.Int8: safetensors.I8, dtypes.Int16: safetensors.I16, dtypes.Int32: safetensors.I32, dtypes.Int64: safetensors.I64,
	dtypes.Uint8: safetensors.U8, dtypes.Uint16: safetensors.U16, dtypes.Uint32: safetensors.U32, dtypes.Uint64: safetensors.U64,
	dtypes.Float16: safetensors.F16, dtypes.BFloat16: safetensors.BF16, dtypes.Float32: safetensors.F32, dtypes.Float64: safetensors.F64,
}

// dtypeOf returns the dtype of a format, the inverse of formats.
func dtypeOf(format safetensors.DType) (dtypes.DType, error) {
	for dtype, f := range formats {
		if f == format {
			return dtype, nil
		}
	}
	return 0, fmt.Errorf("dtype %s is unknown", format)
}

// view is the value of a variable, in the form that safetensors writes.
type view struct {
	value  *tensors.Tensor
	format safetensors.DType
}

// DType implements safetensors.View.
func (v view) DType() safetensors.DType { return v.format }

// Shape implements safetensors.View.
func (v view) Shape() []uint64 {
	if v.value.Rank() == 0 {
		return []uint64{1}
	}
	dims := make([]uint64, v.value.Rank())
	for i, d := range v.value.Shape().Dimensions {
		dims[i] = uint64(d)
	}
	return dims
}

// Data implements safetensors.View.
func (v view) Data() []byte {
	var data []byte
	err := v.value.ConstBytes(func(raw []byte) { data = slices.Clone(raw) })
	if err != nil {
		panic(err) // writeVariables turns it into an error
	}
	return data
}

// DataLen implements safetensors.View.
func (v view) DataLen() uint64 { return v.format.Size() * uint64(v.value.Size()) }

// views returns the values of a store's variables by path, and the paths of the
// scalars.
func views(store *model.Store) (all map[string]view, scalars []string, err error) {
	all = make(map[string]view)
	for v := range store.IterVariables() {
		if !v.HasValue() {
			return nil, nil, fmt.Errorf("variable %s has no value: run a step first", v.Path())
		}
		value, err := v.Value()
		if err != nil {
			return nil, nil, fmt.Errorf("variable %s: %w", v.Path(), err)
		}
		format, ok := formats[value.DType()]
		if !ok {
			return nil, nil, fmt.Errorf("variable %s has dtype %s, which cannot be stored", v.Path(), value.DType())
		}
		if value.Rank() == 0 {
			scalars = append(scalars, v.Path())
		}
		all[v.Path()] = view{value, format}
	}
	slices.Sort(scalars)
	return all, scalars, nil
}

// writeVariables writes variables as safetensors.
func writeVariables(w io.Writer, variables map[string]view) (err error) {
	defer func() { // Data may panic
		if r := recover(); r != nil {
			err = fmt.Errorf("reading a variable: %v", r)
		}
	}()
	return safetensors.SerializeToWriter(variables, nil, w)
}

// parseVariables parses the output of writeVariables.
func parseVariables(data []byte, scalars []string) (map[string]*tensors.Tensor, error) {
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, err
	}
	values := make(map[string]*tensors.Tensor)
	for _, stored := range file.Tensors() {
		dtype, err := dtypeOf(stored.TensorView.DType())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stored.Name, err)
		}
		var dims []int
		if !slices.Contains(scalars, stored.Name) {
			for _, d := range stored.TensorView.Shape() {
				dims = append(dims, int(d))
			}
		}
		t := tensors.FromShape(shapes.Make(dtype, dims...))
		copied := 0
		if err := t.MutableBytes(func(raw []byte) { copied = copy(raw, stored.TensorView.Data()) }); err != nil {
			return nil, fmt.Errorf("%s: %w", stored.Name, err)
		}
		if copied != len(stored.TensorView.Data()) {
			return nil, fmt.Errorf("%s: %d bytes do not fit the shape %s", stored.Name, len(stored.TensorView.Data()), t.Shape())
		}
		values[stored.Name] = t
	}
	return values, nil
}

// fixed returns the paths of the variables that are not trainable, sorted.
func fixed(store *model.Store) []string {
	var paths []string
	for v := range store.IterVariables() {
		if !v.Trainable {
			paths = append(paths, v.Path())
		}
	}
	slices.Sort(paths)
	return paths
}

// set sets the values of a store's variables. It creates missing variables, which are
// trainable unless fixed has their path.
func set(store *model.Store, values map[string]*tensors.Tensor, fixed []string) error {
	for _, path := range slices.Sorted(maps.Keys(values)) {
		if v := store.GetVariable(path); v != nil {
			if err := v.SetValue(values[path]); err != nil {
				return fmt.Errorf("variable %s: %w", path, err)
			}
			continue
		}
		v, err := store.CreateVariable(path, values[path])
		if err != nil {
			return fmt.Errorf("variable %s: %w", path, err)
		}
		v.SetTrainable(!slices.Contains(fixed, path))
	}
	return nil
}

// Hash returns the sha256 of the path, dtype, shape and values of every variable of a
// store, in order of path. It is equal for two runs only if their variables are equal
// bit for bit.
func Hash(store *model.Store) (string, error) {
	variables, _, err := views(store)
	if err != nil {
		return "", fmt.Errorf("hash of the variables: %w", err)
	}
	hash := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(variables)) {
		value := variables[path].value
		fmt.Fprintf(hash, "%q %s\n", path, value.Shape())
		if err := value.ConstBytes(func(raw []byte) { hash.Write(raw) }); err != nil {
			return "", fmt.Errorf("hash of variable %s: %w", path, err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
