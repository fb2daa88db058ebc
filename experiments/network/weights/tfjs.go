package weights

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// tfjsManifest is the part of a model.json that describes weights: groups of tensors
// whose values follow one another in the group's files.
type tfjsManifest struct {
	Format  string      `json:"format"`
	Weights []tfjsGroup `json:"weightsManifest"`
}

// tfjsGroup lists tensors and the files that hold their values.
type tfjsGroup struct {
	Paths   []string     `json:"paths"`
	Weights []tfjsTensor `json:"weights"`
}

// tfjsTensor describes one tensor of a group.
type tfjsTensor struct {
	Name         string          `json:"name"`
	Shape        []int           `json:"shape"`
	DType        string          `json:"dtype"`
	Quantization json.RawMessage `json:"quantization"`
}

// readTFJS reads a TensorFlow.js layers model of a ResNet with Keras's names.
func readTFJS(path string) (map[string]Tensor, error) {
	f, _, err := openRegular(path, maxDescription) // ResNet-50's has 0.2 MB
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	var manifest tfjsManifest
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fmt.Errorf("the file is not a TensorFlow.js model: %w", err)
	}
	if len(manifest.Weights) == 0 {
		return nil, errors.New(`there is no "weightsManifest": want the model.json of a TensorFlow.js layers model`)
	}
	tensors := make(map[string]Tensor)
	listed := make(map[string]bool) // each file may belong to one group only
	room := int64(maxFile)
	for i, group := range manifest.Weights {
		for _, path := range group.Paths {
			clean := filepath.Clean(filepath.FromSlash(path))
			if listed[clean] {
				return nil, fmt.Errorf("weightsManifest[%d]: file %q is listed twice", i, path)
			}
			listed[clean] = true
		}
		size, err := group.read(filepath.Dir(path), room, tensors)
		if err != nil {
			return nil, fmt.Errorf("weightsManifest[%d]: %w", i, err)
		}
		room -= size
	}
	return tensors, nil
}

// read adds the tensors of a group, whose files are in dir and have at most limit
// bytes together. It returns their size.
func (g tfjsGroup) read(dir string, limit int64, tensors map[string]Tensor) (size int64, err error) {
	files, size, err := g.open(dir, limit)
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	if err != nil {
		return 0, err
	}
	if err := g.validate(size); err != nil {
		return 0, err
	}
	readers := make([]io.Reader, len(files))
	for i, f := range files {
		readers[i] = f
	}
	r := bufio.NewReaderSize(io.MultiReader(readers...), int(min(size, 1<<16)))
	for _, w := range g.Weights {
		name, err := torchName(w.Name)
		if err != nil {
			return 0, err
		}
		if _, twice := tensors[name]; twice {
			return 0, fmt.Errorf("tensor %q is listed twice", w.Name)
		}
		n, err := elements(w.Shape, size/4)
		if err != nil {
			return 0, fmt.Errorf("tensor %q: %w", w.Name, err)
		}
		values, err := float32Type.read(r, n)
		if err != nil {
			return 0, fmt.Errorf("tensor %q: %w", w.Name, err)
		}
		tensors[name] = torchLayout(w.Shape, values)
	}
	return size, nil
}

// open opens the files of a group, which have at most limit bytes together, and adds
// up their sizes.
func (g tfjsGroup) open(dir string, limit int64) (files []*os.File, size int64, err error) {
	for _, path := range g.Paths {
		local := filepath.FromSlash(path)
		if !filepath.IsLocal(local) {
			return files, 0, fmt.Errorf("file %q is outside the model's folder", path)
		}
		f, bytes, err := openRegular(filepath.Join(dir, local), limit-size)
		if err != nil {
			return files, 0, err
		}
		files = append(files, f)
		size += bytes
	}
	return files, size, nil
}

// validate compares the group's tensors with the size of its files, in bytes.
func (g tfjsGroup) validate(size int64) error {
	var want int64
	for _, w := range g.Weights {
		if w.DType != "float32" || len(w.Quantization) > 0 {
			return fmt.Errorf("tensor %q has dtype %s, quantized %t: want float32, not quantized", w.Name, w.DType, len(w.Quantization) > 0)
		}
		n, err := elements(w.Shape, size/4)
		if err != nil {
			return fmt.Errorf("tensor %q: %w: a file may be cut short", w.Name, err)
		}
		want += 4 * int64(n)
	}
	if want != size {
		return fmt.Errorf("the %d files hold %d bytes, want %d for %d tensors: a file may be cut short", len(g.Paths), size, want, len(g.Weights))
	}
	return nil
}
