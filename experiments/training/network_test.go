package training

import (
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestActivationsOfNetworks: the norms of every kind of network receive the
// activations that the configuration says. All variables are float32, and so are
// the logits.
func TestActivationsOfNetworks(t *testing.T) {
	photos, err := config.Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	photos.Network.Backbone, photos.BatchSize = "resnet18", 2
	frozen, err := config.Default("office-caltech10")
	if err != nil {
		t.Fatal(err)
	}
	frozen.BatchSize = 2
	for name, network := range map[string]struct {
		config config.Config
		shape  []int
		norms  int
	}{
		"digits":          {toydata.DigitsConfig(t, "rn", "cdan-e"), []int{16, 28, 28, 1}, 3},
		"fine-tuned":      {photos, []int{4, 64, 64, 3}, 21},
		"frozen features": {frozen, []int{4, 2048}, 1},
	} {
		for activations, want := range map[backbone.Activations]dtypes.DType{"": dtypes.Float32, backbone.Float32: dtypes.Float32, backbone.BFloat16: dtypes.BFloat16} {
			c := network.config
			c.Activations = activations
			prepared, err := Prepare(c, backbone.TorchVision, environment.Compute{})
			if err != nil {
				t.Fatal(err)
			}
			given := make(map[dtypes.DType]int)
			build, err := prepared.Network(func(rnlayer.Options) rnlayer.Norm {
				return func(scope *model.Scope, x *Node) *Node {
					given[x.DType()]++
					return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			backend, err := platform.New("go")
			if err != nil {
				t.Fatal(err)
			}
			store := model.NewStore()
			g := NewGraph(backend, "network")
			model.SetStore(g, store)
			store.SetTraining(g, true)
			features, logits := build(store.RootScope().In(config.NetworkScope), Parameter(g, "x", shapes.Make(dtypes.Float32, network.shape...)), 3)
			if given[want] != network.norms || len(given) != 1 || features.DType() != want || logits.DType() != dtypes.Float32 {
				t.Errorf("%s, %q: norms receive %v, features are %s, logits %s", name, activations, given, features.DType(), logits.DType())
			}
			for v := range store.IterVariables() {
				if v.DType() == dtypes.BFloat16 {
					t.Errorf("%s, %q: %s is %s", name, activations, v.Path(), v.DType())
				}
			}
			g.Finalize()
			backend.Finalize()
		}
	}
}

// TestExample: the network reads digits, photographs or features.
func TestExample(t *testing.T) {
	for _, test := range []struct {
		task config.Task
		want []int
	}{
		{config.Task{Recipe: "digits"}, []int{28, 28, 1}},
		{config.Task{Recipe: "office-home"}, []int{224, 224, 3}},
		{config.Task{Recipe: "office-home", Features: config.FeaturesFrozen}, []int{2048}},
	} {
		c, err := test.task.Default()
		if err != nil {
			t.Fatal(err)
		}
		prepared, err := Prepare(c, backbone.TorchVision, environment.Compute{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := prepared.Example(); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%+v: shape %v, %v, want %v", test.task, got, err, test.want)
		}
	}
}
