package backbone

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// These benchmarks compare the operations written out here with XLA's own, forward and
// backward, in the sizes of ResNet-50 with 8 images at 224 px. Tests compile without
// optimization; to benchmark with it, run
//
//	XLA_FLAGS=--xla_backend_optimization_level=3 go test -run '^$' -bench . ./experiments/network/backbone

func BenchmarkMaxPool(b *testing.B) {
	x := shapes.Make(dtypes.Float32, 8, 112, 112, 64)
	b.Run("ours", func(b *testing.B) { benchmark(b, func(x, _ *Node) *Node { return maxPool(x) }, x) })
	b.Run("xla", func(b *testing.B) {
		benchmark(b, func(x, _ *Node) *Node {
			return MaxPool(x).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
		}, x)
	})
}

func BenchmarkShortcut(b *testing.B) {
	layer := convolution{unit: unit{in: 256, out: 512, kernel: 1, stride: 2}}
	x, w := shapes.Make(dtypes.Float32, 8, 56, 56, 256), shapes.Make(dtypes.Float32, 1, 1, 256, 512)
	b.Run("ours", func(b *testing.B) { benchmark(b, layer.convolve, x, w) })
	b.Run("xla", func(b *testing.B) {
		benchmark(b, func(x, w *Node) *Node {
			return Convolve(x, w).Strides(2).PaddingPerDim([][2]int{{0, 0}, {0, 0}}).Done()
		}, x, w)
	})
}

// benchmark times a function of x, and of weights if there is a second input, with its
// gradients.
func benchmark(b *testing.B, f func(x, w *Node) *Node, inputs ...shapes.Shape) {
	backend, err := platform.New("xla:cpu")
	if err != nil {
		b.Skipf("needs XLA: %v", err)
	}
	defer backend.Finalize()
	exec := MustNewExec(backend, func(inputs []*Node) []*Node {
		y := f(inputs[0], inputs[len(inputs)-1])
		return Gradient(ReduceAllSum(Square(y)), inputs...)
	})
	defer exec.Finalize()
	rng := rand.New(rand.NewPCG(1, 0))
	args := make([]any, len(inputs))
	for i, shape := range inputs {
		values := make([]float32, shape.Size())
		for j := range values {
			values[j] = float32(rng.NormFloat64())
		}
		args[i] = tensors.FromFlatDataAndDimensions(values, shape.Dimensions...)
	}
	for b.Loop() {
		for _, out := range exec.MustCall(args...) {
			out.MustFinalizeAll()
		}
	}
}
