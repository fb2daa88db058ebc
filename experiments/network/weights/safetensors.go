package weights

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/nlpodyssey/gopickle/pytorch"
	"github.com/nlpodyssey/safetensors"
)

// readSafetensors reads a safetensors file.
func readSafetensors(f *os.File) (map[string]Tensor, error) {
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return parseSafetensors(data)
}

// parseSafetensors parses the content of a safetensors file.
func parseSafetensors(data []byte) (map[string]Tensor, error) {
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, fmt.Errorf("the file is not in safetensors format or is cut short: %w", err)
	}
	all := make(map[string]Tensor)
	for _, stored := range file.Tensors() {
		values, err := floats(stored.TensorView.DType(), stored.TensorView.Data())
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", stored.Name, err)
		}
		t := Tensor{Data: values}
		for _, d := range stored.TensorView.Shape() {
			t.Shape = append(t.Shape, int(d))
		}
		all[stored.Name] = t
	}
	return all, nil
}

// floats converts little-endian numbers to float32.
func floats(dtype safetensors.DType, data []byte) ([]float32, error) {
	size := int(dtype.Size())
	values := make([]float32, len(data)/size)
	var number func(b []byte) float32
	switch dtype {
	case safetensors.F32:
		number = func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
	case safetensors.F64:
		number = func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case safetensors.F16:
		number = func(b []byte) float32 {
			return math.Float32frombits(pytorch.FloatBits16to32(binary.LittleEndian.Uint16(b)))
		}
	case safetensors.BF16:
		number = func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }
	case safetensors.I64: // PyTorch's counts of batches
		number = func(b []byte) float32 { return float32(int64(binary.LittleEndian.Uint64(b))) }
	default:
		return nil, fmt.Errorf("values of type %s: want floating point", dtype)
	}
	for i := range values {
		values[i] = number(data[i*size:])
	}
	return values, nil
}
