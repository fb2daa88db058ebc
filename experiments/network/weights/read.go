package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// tfjsModel is the file name of a TensorFlow.js model's description.
const tfjsModel = "model.json"

// Read reads a file of weights: safetensors, PyTorch's .pth as torch.save has written
// it since version 1.6 (a dictionary of tensors, or one under the key "state_dict"),
// or a TensorFlow.js layers model, given by its model.json or the folder that holds
// it. The content decides on the format, not the name. Half, bfloat16 and double
// precision become float32.
//
// Errors name the file and the problem. [File.Check] finds out whether the tensors fit
// a network and are finite.
func Read(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, tfjsModel)
	}
	tensors, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("weights: %s: %w", path, err)
	}
	return &File{Path: path, Tensors: tensors}, nil
}

// read recognizes the format of a file and reads it.
func read(path string) (map[string]Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	start := make([]byte, 16)
	n, err := io.ReadFull(f, start)
	if err != nil && n == 0 {
		return nil, fmt.Errorf("the file is empty or cannot be read: %w", err)
	}
	start = start[:n]
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK")):
		return readPyTorch(f)
	case bytes.HasPrefix(start, []byte("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")):
		return nil, errors.New("the file has PyTorch's format from before version 1.6: write it again with torch.save(torch.load(path), path)")
	case len(start) > 8 && start[8] == '{':
		return readSafetensors(f)
	case bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n"), []byte("{")):
		return readTFJS(path)
	default:
		return nil, fmt.Errorf("the first bytes are %q: want a safetensors file, a PyTorch .pth file or a TensorFlow.js %s", start, tfjsModel)
	}
}
