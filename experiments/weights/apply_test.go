package weights

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestApplyToEveryNorm: whatever the norm keeps, pretrained statistics and γ
// arrive in every row of it.
func TestApplyToEveryNorm(t *testing.T) {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	r := backbone.ResNet{Depth: 18, Variant: backbone.TorchVision}
	file := &File{Path: "made up", Tensors: make(map[string]Tensor)}
	for _, want := range r.Tensors() {
		size := 1
		for _, d := range want.Shape {
			size *= d
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = 1 + float32(i%97)/97
		}
		file.Tensors[want.Name] = Tensor{Shape: want.Shape, Data: values}
	}
	for _, norm := range rnlayer.All() {
		t.Run(norm.Name, func(t *testing.T) {
			store := model.NewStore()
			if err := r.CreateVariables(backend, store, "/net", norm.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())); err != nil {
				t.Fatal(err)
			}
			if err := Apply(store, "/net", r, file); err != nil {
				t.Fatal(err)
			}
			for name, path := range map[string]string{
				"bn1.running_var": "/net/conv1/norm/running_variance", "layer4.1.bn2.running_mean": "/net/layer4/1/conv2/norm/running_mean",
				"layer2.0.downsample.1.weight": "/net/layer2/0/downsample/norm/scale",
			} {
				values, want := tensors.MustCopyFlatData[float32](store.GetVariable(path).MustValue()), file.Tensors[name].Data
				for rows := range slices.Chunk(values, len(want)) {
					if !slices.Equal(rows, want) {
						t.Errorf("%s differs from %s", path, name)
					}
				}
			}
		})
	}
}
