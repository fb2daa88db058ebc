package weights

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/nlpodyssey/gopickle/types"
)

// torchStorages maps PyTorch's classes of storages to the types that weights have.
var torchStorages = map[string]numberType{
	"FloatStorage":    float32Type,
	"DoubleStorage":   float64Type,
	"HalfStorage":     float16Type,
	"BFloat16Storage": bfloat16Type,
	"LongStorage":     int64Type,
}

// storageClass is the name of a storage class in the pickle.
type storageClass string

// storage is the numbers of one or more tensors.
type storage struct{ values []float32 }

// torchTensor is a tensor of a pickle: a view of a storage.
type torchTensor struct {
	storage     *storage
	offset      int
	size, steps []int // steps are the strides
}

// maxAxes limits the axes of a tensor; three-dimensional convolutions have five.
const maxAxes = 8

// rebuildTensor is torch._utils._rebuild_tensor_v2(storage, offset, size, stride,
// requires_grad, backward_hooks).
type rebuildTensor struct{}

// Call implements types.Callable. Tensors may share their size and stride.
func (rebuildTensor) Call(args ...any) (any, error) {
	if len(args) != 6 {
		return nil, fmt.Errorf("a tensor has %d arguments, want 6", len(args))
	}
	var t torchTensor
	var isStorage, isOffset bool
	t.storage, isStorage = args[0].(*storage)
	t.offset, isOffset = args[1].(int)
	if !isStorage || !isOffset {
		return nil, fmt.Errorf("a tensor has the storage %T and the offset %T", args[0], args[1])
	}
	var err error
	if t.size, err = integers(args[2]); err != nil {
		return nil, err
	}
	if t.steps, err = integers(args[3]); err != nil {
		return nil, err
	}
	return &t, nil
}

// integers returns the numbers of a tuple: a size or a stride.
func integers(object any) ([]int, error) {
	tuple, ok := object.(*types.Tuple)
	if !ok {
		return nil, fmt.Errorf("a size or stride is a %T: want a tuple", object)
	}
	if tuple.Len() > maxAxes {
		return nil, fmt.Errorf("a tensor has %d axes: want at most %d", tuple.Len(), maxAxes)
	}
	numbers := make([]int, tuple.Len())
	for i := range numbers {
		if numbers[i], ok = tuple.Get(i).(int); !ok {
			return nil, fmt.Errorf("a size or stride holds a %T: want integers", tuple.Get(i))
		}
	}
	return numbers, nil
}

// rebuildParameter is torch._utils._rebuild_parameter(tensor, …).
type rebuildParameter struct{}

// Call implements types.Callable.
func (rebuildParameter) Call(args ...any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("a parameter without a tensor")
	}
	return args[0], nil
}

// storage reads a storage by its id, ("storage", class, key, location, numbers).
func (a *torchArchive) storage(id any) (any, error) {
	tuple, ok := id.(*types.Tuple)
	if !ok || tuple.Len() < 5 {
		return nil, fmt.Errorf("a storage has the id %v", id)
	}
	name, isClass := tuple.Get(1).(storageClass)
	key, isKey := tuple.Get(2).(string)
	numbers, isSize := tuple.Get(4).(int)
	if !isClass || !isKey || !isSize || numbers < 0 {
		return nil, fmt.Errorf("a storage has the id %v", tuple)
	}
	if s, ok := a.storages[key]; ok {
		return s, nil
	}
	record, ok := a.records[path.Join(a.folder, "data", key)]
	if !ok {
		return nil, fmt.Errorf("storage %q is not in the archive", key)
	}
	s, err := a.readStorage(record, torchStorages[string(name)], numbers)
	if err != nil {
		return nil, fmt.Errorf("storage %q: %w", key, err)
	}
	a.storages[key] = s
	return s, nil
}

// readStorage reads a record of that many numbers.
func (a *torchArchive) readStorage(record *zip.File, kind numberType, numbers int) (*storage, error) {
	if size := record.UncompressedSize64; size%uint64(kind.bytes) != 0 || uint64(numbers) != size/uint64(kind.bytes) {
		return nil, fmt.Errorf("the record has %d bytes, want %d numbers of %d", size, numbers, kind.bytes)
	}
	if a.room -= numbers; a.room < 0 {
		return nil, fmt.Errorf("the storages have more than %d values", maxValues)
	}
	s := new(storage)
	err := a.read(record, func(r io.Reader) (err error) {
		s.values, err = kind.read(r, numbers)
		return err
	})
	return s, err
}

// tensor copies the values of a view from its storage.
func (t *torchTensor) tensor() (Tensor, error) {
	length := len(t.storage.values)
	n, err := elements(t.size, int64(length))
	if err != nil {
		return Tensor{}, err
	}
	if len(t.steps) != len(t.size) || t.offset < 0 {
		return Tensor{}, fmt.Errorf("shape %v has strides %v and offset %d", t.size, t.steps, t.offset)
	}
	if n == 0 {
		return Tensor{Shape: t.size}, nil
	}
	last := t.offset // the index of the tensor's last number
	for i, step := range t.steps {
		if step < 0 || step > length {
			return Tensor{}, fmt.Errorf("strides %v in a storage of %d numbers", t.steps, length)
		}
		last += (t.size[i] - 1) * step
		if last < 0 || last >= length {
			return Tensor{}, fmt.Errorf("shape %v with strides %v goes beyond its storage of %d numbers", t.size, t.steps, length)
		}
	}
	if last >= length {
		return Tensor{}, fmt.Errorf("offset %d is beyond its storage of %d numbers", t.offset, length)
	}
	values := make([]float32, 0, n)
	var walk func(axis, place int)
	walk = func(axis, place int) {
		if axis == len(t.size) {
			values = append(values, t.storage.values[place])
			return
		}
		for i := range t.size[axis] {
			walk(axis+1, place+i*t.steps[axis])
		}
	}
	walk(0, t.offset)
	return Tensor{Shape: t.size, Data: values}, nil
}
