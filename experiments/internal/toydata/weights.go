package toydata

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Weights writes random weights of a ResNet-18 as safetensors and returns the path of
// the file.
func Weights(t testing.TB) (path string) {
	t.Helper()
	resnet, err := backbone.LookupResNet("resnet18")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	views := make(map[string]safetensors.TensorView)
	for _, tensor := range resnet.Tensors() {
		n, shape := input.SizeOf(tensor.Shape), make([]uint64, len(tensor.Shape))
		for i, d := range tensor.Shape {
			shape[i] = uint64(d)
		}
		data := make([]byte, 0, 4*n)
		deviation := math.Sqrt(2 / float64(n/tensor.Shape[0]))
		for range n {
			v := 1.0 // scales and variances
			switch {
			case len(tensor.Shape) > 1:
				v = deviation * (2*rng.Float64() - 1)
			case strings.HasSuffix(tensor.Name, "bias") || strings.HasSuffix(tensor.Name, "mean"):
				v = 0.1 * rng.Float64()
			}
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
		}
		if views[tensor.Name], err = safetensors.NewTensorView(safetensors.F32, shape, data); err != nil {
			t.Fatal(err)
		}
	}
	data, err := safetensors.Serialize(views, nil)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "resnet18.safetensors")
	WriteFile(t, path, data)
	return path
}
