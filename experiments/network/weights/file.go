package weights

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Names of the classifier in published weights. A backbone has no classifier.
const (
	ClassifierWeight = "fc.weight" // [classes, features]
	ClassifierBias   = "fc.bias"   // [classes]
)

// Tensor is a parameter in PyTorch's layout: convolutions [out, in, kernel,
// kernel], linear layers [out, in].
type Tensor struct {
	// Shape is empty for a scalar.
	Shape []int
	// Data are the values, row by row.
	Data []float32
}

// File is the content of a file of weights.
type File struct {
	// Path is the path that was read.
	Path string
	// Checked names the checksum that the values agree with, such as "the pinned
	// sha256"; it is empty if there is none, as in a safetensors file that nobody has pinned.
	Checked string
	// Tensors have torchvision's names, such as "layer1.0.conv2.weight".
	Tensors map[string]Tensor
}

// Names returns the tensors' names in alphabetical order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.Tensors)) }

// SHA256 returns a digest of names, shapes and values, in hexadecimal. Equal weights
// have equal digests, whatever the file format.
func (f *File) SHA256() string {
	h := sha256.New()
	for _, name := range f.Names() {
		t := f.Tensors[name]
		fmt.Fprintf(h, "%q %v\n", name, t.Shape)
		hashValues(h, t.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashValues adds values to a digest, as 4 little-endian bytes each.
func hashValues(h hash.Hash, values []float32) {
	const chunk = 1 << 14
	buffer := make([]byte, 0, 4*chunk)
	for part := range slices.Chunk(values, chunk) {
		buffer = buffer[:0]
		for _, v := range part {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		h.Write(buffer)
	}
}

// variant returns the variant of the tensors' network: Keras's if convolutions have a
// bias, else torchvision's.
func (f *File) variant() backbone.Variant {
	if _, biased := f.Tensors["conv1.bias"]; biased {
		return backbone.Keras
	}
	return backbone.TorchVision
}

// ResNet returns the network that the tensors belong to.
func (f *File) ResNet() (backbone.ResNet, error) {
	variant := f.variant()
	for _, depth := range backbone.Depths() {
		r := backbone.ResNet{Depth: depth, Variant: variant}
		if f.hasAll(r) && !f.hasMore(r) {
			return r, nil
		}
	}
	return backbone.ResNet{}, fmt.Errorf("%s: the %d tensors do not make a ResNet of depth %v with torchvision's names",
		f.Path, len(f.Tensors), backbone.Depths())
}

// hasAll reports whether the file has every tensor of a network.
func (f *File) hasAll(r backbone.ResNet) bool {
	for _, t := range r.Tensors() {
		if _, ok := f.Tensors[t.Name]; !ok {
			return false
		}
	}
	return true
}

// hasMore reports whether the file has tensors that a network lacks.
func (f *File) hasMore(r backbone.ResNet) bool { return len(f.unexpected(r)) > 0 }

// unexpected lists the tensors that a network lacks, apart from the classifier and
// PyTorch's counts of batches.
func (f *File) unexpected(r backbone.ResNet) []string {
	known := map[string]bool{ClassifierWeight: true, ClassifierBias: true}
	for _, t := range r.Tensors() {
		known[t.Name] = true
	}
	return slices.DeleteFunc(f.Names(), func(name string) bool {
		return known[name] || strings.HasSuffix(name, ".num_batches_tracked")
	})
}

// Check returns an error that lists every reason why the file cannot be the weights
// of a network: missing or unexpected tensors, wrong shapes, and values that are not
// finite.
func (f *File) Check(r backbone.ResNet) error {
	if err := r.Validate(); err != nil {
		return err
	}
	var missing []string
	var errs []error
	for _, want := range r.Tensors() {
		got, ok := f.Tensors[want.Name]
		switch {
		case !ok:
			missing = append(missing, want.Name)
		case !slices.Equal(got.Shape, want.Shape):
			errs = append(errs, fmt.Errorf("%s: %s has shape %v, want %v", f.Path, want.Name, got.Shape, want.Shape))
		}
	}
	unexpected := f.unexpected(r)
	if len(missing) > 0 || len(unexpected) > 0 {
		if other, err := f.ResNet(); err == nil {
			return fmt.Errorf("%s: these are weights of %s (%s), want %s (%s)", f.Path, other.Name(), other.Variant.Name, r.Name(), r.Variant.Name)
		}
	}
	if len(missing) > 0 {
		errs = append(errs, fmt.Errorf("%s: %d tensors of %s (%s) are missing: %s", f.Path, len(missing), r.Name(), r.Variant.Name, strings.Join(missing, ", ")))
	}
	if len(unexpected) > 0 {
		errs = append(errs, fmt.Errorf("%s: %d tensors do not belong to %s (%s): %s", f.Path, len(unexpected), r.Name(), r.Variant.Name, strings.Join(unexpected, ", ")))
	}
	return errors.Join(append(errs, f.checkFinite())...)
}

// checkFinite returns an error for each tensor with a value that is not finite.
func (f *File) checkFinite() error {
	var errs []error
	for _, name := range f.Names() {
		for i, v := range f.Tensors[name].Data {
			if v != v || v-v != 0 { // NaN or infinite
				errs = append(errs, fmt.Errorf("%s: %s holds %g at index %d: want finite numbers", f.Path, name, v, i))
				break
			}
		}
	}
	return errors.Join(errs...)
}
