package weights

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/pytorch"
	"github.com/nlpodyssey/gopickle/types"
)

// readPyTorch reads the format of torch.save since PyTorch 1.6: a zip archive with a
// pickle, data.pkl, and a file data/KEY for each storage.
func readPyTorch(f *os.File) (map[string]Tensor, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return parsePyTorch(f, info.Size())
}

// parsePyTorch reads an archive of size bytes.
func parsePyTorch(r io.ReaderAt, size int64) (map[string]Tensor, error) {
	archive, err := openTorchArchive(r, size)
	if err != nil {
		return nil, err
	}
	return archive.tensors()
}

// tensors returns the tensors of the archive's dictionary.
func (a *torchArchive) tensors() (tensors map[string]Tensor, err error) {
	defer func() { // the library may panic on a pickle that PyTorch did not write
		if problem := recover(); problem != nil {
			err = fmt.Errorf("the pickle cannot be read: %v", problem)
		}
	}()
	object, err := a.unpickle()
	if err != nil {
		return nil, err
	}
	state, err := stateDict(object)
	if err != nil {
		return nil, err
	}
	tensors = make(map[string]Tensor)
	room := a.size // tensors may share a storage, but together may not exceed the file
	for name, value := range state {
		stored, ok := value.(*pytorch.Tensor)
		if !ok {
			return nil, fmt.Errorf("%q is a %T: want a dictionary of tensors", name, value)
		}
		t, err := torchTensor(stored)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if room -= int64(len(t.Data)); room < 0 {
			return nil, fmt.Errorf("the tensors have more values than the file has bytes (%d)", a.size)
		}
		tensors[name] = t
	}
	return withoutPrefix(tensors, "module."), nil // which DataParallel adds
}

// torchArchive is an archive of torch.save.
type torchArchive struct {
	size     int64
	records  map[string]*zip.File
	pickle   []byte
	folder   string // the folder of data.pkl
	storages map[string]pytorch.StorageInterface
}

// openTorchArchive opens an archive of uncompressed records, which cannot be larger
// than the file.
func openTorchArchive(r io.ReaderAt, size int64) (*torchArchive, error) {
	files, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("the file is not a zip archive of PyTorch or is cut short: %w", err)
	}
	a := &torchArchive{size: size, records: make(map[string]*zip.File), storages: make(map[string]pytorch.StorageInterface)}
	var main *zip.File
	room := uint64(size) // records do not overlap
	for _, f := range files.File {
		if f.Method != zip.Store {
			return nil, fmt.Errorf("record %s is compressed: torch.save does not compress", f.Name)
		}
		if f.UncompressedSize64 > room {
			return nil, fmt.Errorf("record %s claims %d bytes, but only %[4]d of the file's %[3]d bytes are left for it", f.Name, f.UncompressedSize64, size, room)
		}
		room -= f.UncompressedSize64
		a.records[f.Name] = f
		switch path.Base(f.Name) {
		case "data.pkl":
			main, a.folder = f, path.Dir(f.Name)
		case "constants.pkl":
			return nil, errors.New("the file is a TorchScript archive: save the state_dict instead")
		}
	}
	if main == nil {
		return nil, errors.New("there is no data.pkl: want what torch.save writes")
	}
	in, err := main.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	a.pickle, err = io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", main.Name, err)
	}
	return a, nil
}

// torchStorages are the classes of storages for weights.
var torchStorages = map[string]struct {
	class pytorch.StorageClassInterface
	bytes int // per number
}{
	"FloatStorage":    {&pytorch.FloatStorageClass{}, 4},
	"DoubleStorage":   {&pytorch.DoubleStorageClass{}, 8},
	"HalfStorage":     {&pytorch.HalfStorageClass{}, 2},
	"BFloat16Storage": {&pytorch.BFloat16StorageClass{}, 2},
	"LongStorage":     {&pytorch.LongStorageClass{}, 8},
}

// storageClass is the name of a storage class in the pickle.
type storageClass string

// maxAxes limits the axes of a tensor; three-dimensional convolutions have five.
const maxAxes = 8

// rebuildTensor is torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …).
type rebuildTensor struct{ library pytorch.RebuildTensorV2 }

// Call implements types.Callable. Tensors may share their size and stride.
func (r rebuildTensor) Call(args ...any) (any, error) {
	for _, arg := range args {
		if shape, ok := arg.(*types.Tuple); ok && shape.Len() > maxAxes {
			return nil, fmt.Errorf("a tensor has %d axes: want at most %d", shape.Len(), maxAxes)
		}
	}
	return r.library.Call(args...)
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

// unpickle returns the saved object. It constructs nothing but tensors and
// dictionaries.
func (a *torchArchive) unpickle() (any, error) {
	if err := checkPickle(a.pickle); err != nil {
		return nil, err
	}
	u := pickle.NewUnpickler(strings.NewReader(string(a.pickle)))
	u.FindClass = func(module, name string) (any, error) {
		if _, ok := torchStorages[name]; ok && module == "torch" {
			return storageClass(name), nil
		}
		switch module + "." + name {
		case "torch._utils._rebuild_tensor_v2":
			return rebuildTensor{}, nil
		case "torch._utils._rebuild_parameter":
			return rebuildParameter{}, nil
		case "collections.OrderedDict":
			return &types.OrderedDictClass{}, nil
		}
		return nil, fmt.Errorf("the file holds a %s.%s: want a dictionary of tensors, such as torch.save(model.state_dict(), path) writes", module, name)
	}
	u.PersistentLoad = a.storage
	return u.Load()
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
	kind := torchStorages[string(name)]
	if uint64(numbers) != record.UncompressedSize64/uint64(kind.bytes) {
		return nil, fmt.Errorf("storage %q has %d bytes, want %d numbers of %d", key, record.UncompressedSize64, numbers, kind.bytes)
	}
	in, err := record.Open()
	if err != nil {
		return nil, fmt.Errorf("storage %q: %w", key, err)
	}
	defer in.Close()
	s := kind.class.New(numbers, "cpu")
	if err := s.SetFromFileWithSize(in, numbers); err != nil {
		return nil, fmt.Errorf("storage %q: %w", key, err)
	}
	a.storages[key] = s
	return s, nil
}

// stateDict finds the dictionary of tensors: the saved object itself or its entry
// "state_dict".
func stateDict(object any) (map[string]any, error) {
	entries, ok := dictionary(object)
	if !ok {
		return nil, fmt.Errorf("the file holds a %T: want a dictionary of tensors", object)
	}
	if inner, ok := dictionary(entries["state_dict"]); ok {
		return inner, nil
	}
	return entries, nil
}

// dictionary returns the entries of a Python dictionary whose keys are strings.
func dictionary(object any) (entries map[string]any, ok bool) {
	entries = make(map[string]any)
	add := func(key, value any) bool {
		name, isString := key.(string)
		entries[name] = value
		return isString
	}
	switch d := object.(type) {
	case *types.Dict:
		for _, e := range *d {
			if !add(e.Key, e.Value) {
				return nil, false
			}
		}
	case *types.OrderedDict:
		for key, e := range d.Map {
			if !add(key, e.Value) {
				return nil, false
			}
		}
	default:
		return nil, false
	}
	return entries, true
}

// torchTensor copies a tensor from its storage.
func torchTensor(t *pytorch.Tensor) (Tensor, error) {
	var at func(i int) float32
	var length int
	switch s := t.Source.(type) {
	case *pytorch.FloatStorage:
		at, length = func(i int) float32 { return s.Data[i] }, len(s.Data)
	case *pytorch.HalfStorage:
		at, length = func(i int) float32 { return s.Data[i] }, len(s.Data)
	case *pytorch.BFloat16Storage:
		at, length = func(i int) float32 { return s.Data[i] }, len(s.Data)
	case *pytorch.DoubleStorage:
		at, length = func(i int) float32 { return float32(s.Data[i]) }, len(s.Data)
	case *pytorch.LongStorage:
		at, length = func(i int) float32 { return float32(s.Data[i]) }, len(s.Data)
	default:
		return Tensor{}, fmt.Errorf("a storage of type %T", s)
	}
	n, err := elements(t.Size, int64(length))
	if err != nil {
		return Tensor{}, err
	}
	if len(t.Stride) != len(t.Size) || t.StorageOffset < 0 {
		return Tensor{}, fmt.Errorf("shape %v has strides %v and offset %d", t.Size, t.Stride, t.StorageOffset)
	}
	if n == 0 {
		return Tensor{Shape: t.Size}, nil
	}
	last := t.StorageOffset // the index of the tensor's last number
	for i, stride := range t.Stride {
		if stride < 0 || stride > length {
			return Tensor{}, fmt.Errorf("strides %v in a storage of %d numbers", t.Stride, length)
		}
		last += (t.Size[i] - 1) * stride
		if last < 0 || last >= length {
			return Tensor{}, fmt.Errorf("shape %v with strides %v goes beyond its storage of %d numbers", t.Size, t.Stride, length)
		}
	}
	if last >= length {
		return Tensor{}, fmt.Errorf("offset %d is beyond its storage of %d numbers", t.StorageOffset, length)
	}
	values := make([]float32, 0, n)
	var walk func(axis, place int)
	walk = func(axis, place int) {
		if axis == len(t.Size) {
			values = append(values, at(place))
			return
		}
		for i := range t.Size[axis] {
			walk(axis+1, place+i*t.Stride[axis])
		}
	}
	walk(0, t.StorageOffset)
	return Tensor{Shape: t.Size, Data: values}, nil
}

// withoutPrefix removes a prefix from the names if all have it.
func withoutPrefix(tensors map[string]Tensor, prefix string) map[string]Tensor {
	short := make(map[string]Tensor, len(tensors))
	for name, t := range tensors {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok {
			return tensors
		}
		short[rest] = t
	}
	return short
}
