package training

import (
	"strings"
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

// normScopes builds the training graph of a configuration's network and returns, by
// the scope of each norm, whether the norm keeps a row of statistics for each
// domain, as RN does and BN does not.
func normScopes(t *testing.T, c config.Config, dims ...int) map[string]bool {
	t.Helper()
	backend, err := platform.New("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	prepared, err := Prepare(c, backbone.TorchVision, environment.Compute{})
	if err != nil {
		t.Fatal(err)
	}
	norm, err := prepared.NormMaker()
	if err != nil {
		t.Fatal(err)
	}
	network, err := prepared.Network(norm)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	g := NewGraph(backend, "network")
	defer g.Finalize()
	model.SetStore(g, store)
	store.SetTraining(g, true)
	network(store.RootScope().In(config.NetworkScope), Parameter(g, "x", shapes.Make(dtypes.Float32, dims...)), 3)
	found := make(map[string]bool)
	for v := range store.IterVariables() {
		if v.Name() == rnlayer.VarRunningMean {
			found[strings.TrimSuffix(v.Scope(), "/"+rnlayer.ScopeName)] = v.Shape().Dim(0) == 2
		}
	}
	return found
}

// TestPlaces: every network has the norm at the named places and BN elsewhere.
func TestPlaces(t *testing.T) {
	digits := toydata.DigitsConfig(t, "rn", "cdan-e")
	photos, err := config.Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	photos.Network.Backbone, photos.Network.Weights, photos.BatchSize = "resnet50", config.WeightsNone, 2
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
		"digits":          {digits, []int{16, 28, 28, 1}, 3},
		"fine-tuned":      {photos, []int{4, 64, 64, 3}, 54}, // 53 convolutions and the bottleneck
		"frozen features": {frozen, []int{4, 2048}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			places := network.config.Places()
			covered := make(map[string]bool)
			for _, place := range places {
				c := network.config
				if len(places) > 1 {
					c.NormAt = []string{place.Name}
				}
				if err := c.Validate(); err != nil {
					t.Fatal(err)
				}
				norms := normScopes(t, c, network.shape...)
				if len(norms) != network.norms {
					t.Fatalf("%d norms, want %d", len(norms), network.norms)
				}
				there := 0
				for scope, placed := range norms {
					if want := scope == place.Scope || strings.HasPrefix(scope, place.Scope+"/"); placed != want {
						t.Errorf("norm at %s: %s has it: %v, want %v", place.Name, scope, placed, want)
					}
					if placed {
						there++
						covered[scope] = true
					}
				}
				if there == 0 {
					t.Errorf("no norm is at %s, scope %s", place.Name, place.Scope)
				}
			}
			if len(covered) != network.norms {
				t.Errorf("the places have %d of %d norms", len(covered), network.norms)
			}
		})
	}
}
