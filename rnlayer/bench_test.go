package rnlayer_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// BenchmarkLayer times a layer's training pass, forward and backward, at 256 channels:
// 8 + 8 images of 14×14 positions, as in a ResNet's layer3. It runs on the backend of the
// tests; BenchmarkPass in experiments/bench runs on XLA, with a convolution before the
// layer.
func BenchmarkLayer(b *testing.B) {
	for _, name := range []string{"bn", "rn"} {
		spec, err := rnlayer.Lookup(name)
		if err != nil {
			b.Fatal(err)
		}
		norm := spec.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())
		b.Run(name, func(b *testing.B) {
			store := model.NewStore()
			exec := model.MustNewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
				store.SetTraining(x.Graph(), true)
				return Gradient(ReduceAllSum(Square(norm(scope, x))), x)[0]
			})
			defer exec.Finalize()
			x := tensors.FromShape(shapes.Make(dtypes.Float32, 16, 14, 14, 256))
			tensors.MustMutableFlatData(x, func(values []float32) {
				for i := range values {
					values[i] = float32(i%251) / 251
				}
			})
			for b.Loop() {
				exec.MustCall1(x).MustFinalizeAll()
			}
		})
	}
}
