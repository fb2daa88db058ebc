package weights

import (
	"fmt"
	"io"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// parsePyTorch reads the format of torch.save since PyTorch 1.6: a zip archive of size
// bytes with a pickle, data.pkl, and a file data/KEY for each storage. It compares the
// CRC-32 of every record.
func parsePyTorch(r io.ReaderAt, size int64) (map[string]Tensor, error) {
	archive, err := openTorchArchive(r, size)
	if err != nil {
		return nil, err
	}
	tensors, err := archive.tensors()
	if err != nil {
		return nil, err
	}
	return tensors, archive.checkUnread()
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
		view, ok := value.(*torchTensor)
		if !ok {
			return nil, fmt.Errorf("%q is a %T: want a dictionary of tensors", name, value)
		}
		t, err := view.tensor()
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
