package weights

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// safetensorsTypes maps the format's names of types to the types that weights have.
var safetensorsTypes = map[string]numberType{
	"F16": float16Type, "BF16": bfloat16Type, "F32": float32Type, "F64": float64Type, "I64": int64Type,
}

// safetensorsEntry is a tensor in the header of a safetensors file.
type safetensorsEntry struct {
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	// Offsets are the tensor's first byte and the byte after its last, counted from the
	// end of the header.
	Offsets []int64 `json:"data_offsets"`

	name string
}

// readSafetensors reads a safetensors file of size bytes: the length of a JSON header,
// the header, and the values of the tensors, which follow one another without a gap.
// The format has no checksum.
func readSafetensors(r io.Reader, size int64) (map[string]Tensor, error) {
	buffered := bufio.NewReaderSize(r, int(min(size, 1<<16)))
	header, err := safetensorsHeader(buffered, size)
	if err != nil {
		return nil, err
	}
	entries, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	if err := checkOffsets(entries, size-8-int64(len(header))); err != nil {
		return nil, err
	}
	tensors := make(map[string]Tensor, len(entries))
	for _, e := range entries {
		kind := safetensorsTypes[e.DType]
		values, err := kind.read(buffered, int(e.Offsets[1]-e.Offsets[0])/kind.bytes)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		tensors[e.name] = Tensor{Shape: e.Shape, Data: values}
	}
	return tensors, nil
}

// safetensorsHeader reads the header, whose length must fit into the file.
func safetensorsHeader(r io.Reader, size int64) ([]byte, error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, fmt.Errorf("the file is cut short: %w", err)
	}
	length := binary.LittleEndian.Uint64(start[:])
	switch {
	case length > uint64(size-8):
		return nil, fmt.Errorf("the header claims %d bytes, but the file has %d: it is not in safetensors format or is cut short", length, size)
	case length > maxDescription:
		return nil, fmt.Errorf("the header has %d bytes: want at most %d", length, maxDescription)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, fmt.Errorf("the file is cut short: %w", err)
	}
	return header, nil
}

// parseHeader parses the header and returns its tensors in the order of their offsets.
func parseHeader(header []byte) ([]safetensorsEntry, error) {
	if !utf8.Valid(header) {
		return nil, errors.New("the header is not valid UTF-8")
	}
	var named map[string]json.RawMessage
	if err := json.Unmarshal(header, &named); err != nil {
		return nil, fmt.Errorf("the header is not in safetensors format: %w", err)
	}
	delete(named, "__metadata__")
	entries := make([]safetensorsEntry, 0, len(named))
	for name, raw := range named {
		e := safetensorsEntry{name: name}
		strict := json.NewDecoder(bytes.NewReader(raw))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&e); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if e.Shape == nil || len(e.Offsets) != 2 {
			return nil, fmt.Errorf("tensor %q: want a shape and two data_offsets", name)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b safetensorsEntry) int {
		return cmp.Or(slices.Compare(a.Offsets, b.Offsets), cmp.Compare(a.name, b.name))
	})
	return entries, nil
}

// checkOffsets checks that the tensors fill size bytes without gaps or overlaps, and
// that each has the bytes that its type and shape need.
func checkOffsets(entries []safetensorsEntry, size int64) error {
	end, room := int64(0), maxValues
	for _, e := range entries {
		kind, known := safetensorsTypes[e.DType]
		if !known {
			return fmt.Errorf("tensor %q: values of type %q: want floating point", e.name, e.DType)
		}
		n, err := elements(e.Shape, size/int64(kind.bytes))
		if err != nil {
			return fmt.Errorf("tensor %q: %w", e.name, err)
		}
		if e.Offsets[0] != end {
			return fmt.Errorf("tensor %q begins at byte %d of the values, want %d: tensors overlap or leave a gap", e.name, e.Offsets[0], end)
		}
		if want := int64(n) * int64(kind.bytes); e.Offsets[1]-e.Offsets[0] != want {
			return fmt.Errorf("tensor %q: data_offsets %v, want %d bytes for %s values of shape %v", e.name, e.Offsets, want, e.DType, e.Shape)
		}
		if room -= n; room < 0 {
			return fmt.Errorf("the tensors have more than %d values", maxValues)
		}
		if end = e.Offsets[1]; end > size {
			return fmt.Errorf("tensor %q ends at byte %d of the values, but the file has %d", e.name, end, size)
		}
	}
	if end != size {
		return errors.New("the file has bytes after the last tensor")
	}
	return nil
}
