package weights

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/nlpodyssey/gopickle/pytorch"
)

// numberType is a type of little-endian numbers that files store.
type numberType struct {
	bytes   int // per number
	float32 func(b []byte) float32
}

// The types of numbers that weights have.
var (
	float16Type = numberType{2, func(b []byte) float32 {
		return math.Float32frombits(pytorch.FloatBits16to32(binary.LittleEndian.Uint16(b)))
	}}
	bfloat16Type = numberType{2, func(b []byte) float32 {
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
	}}
	float32Type = numberType{4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	float64Type = numberType{8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }}
	// PyTorch counts batches in int64.
	int64Type = numberType{8, func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }}
)

// read reads n numbers as float32.
func (t numberType) read(r io.Reader, n int) ([]float32, error) {
	values := make([]float32, n)
	buffer := make([]byte, min(t.bytes*n, 1<<16))
	for done := 0; done < n; {
		part := buffer[:min(t.bytes*(n-done), len(buffer))]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, err
		}
		for ; len(part) > 0; part = part[t.bytes:] {
			values[done] = t.float32(part)
			done++
		}
	}
	return values, nil
}

// elements returns the number of values of a shape. A negative dimension or a number
// above limit is an error.
func elements(shape []int, limit int64) (int, error) {
	n := int64(1)
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if dim > 0 && n > limit/int64(dim) {
			return 0, fmt.Errorf("shape %v has more values than the file", shape)
		}
		n *= int64(dim)
	}
	return int(n), nil
}
