package training

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// normScopes builds the training graph of a configuration's network and
// returns, by the scope of each norm, whether it keeps a row of statistics a
// domain, as RN does and BN does not.
func normScopes(t *testing.T, c config.Config, dims ...int) map[string]bool {
	t.Helper()
	backend, err := platform.New("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	norm, err := c.norm(c.layout())
	if err != nil {
		t.Fatal(err)
	}
	network, err := c.networkOf(norm, backbone.TorchVision)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	g := NewGraph(backend, "network")
	defer g.Finalize()
	model.SetStore(g, store)
	store.SetTraining(g, true)
	network(store.RootScope().In(networkScope), Parameter(g, "x", shapes.Make(dtypes.Float32, dims...)), 3)
	found := make(map[string]bool)
	for v := range store.IterVariables() {
		if v.Name() == rnlayer.VarRunningMean {
			found[strings.TrimSuffix(v.Scope(), "/"+rnlayer.ScopeName)] = v.Shape().Dim(0) == 2
		}
	}
	return found
}

// TestPlaces: the norm is at the places that are named and at no other, in
// every network.
func TestPlaces(t *testing.T) {
	digits := toyConfig(t, "rn", "cdan-e")
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

// TestPlacesOfFrozenStages: what does not learn has no place for a norm.
func TestPlacesOfFrozenStages(t *testing.T) {
	c, err := config.Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Freeze = 2
	if got := strings.Join(c.placeNames(), " "); got != "layer2 layer3 layer4 bottleneck" {
		t.Errorf("places %s", got)
	}
	c.Network.Freeze, c.Network.PlainBottleneck = backbone.Stages, true
	c.NormAt = []string{"bottleneck"}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "no place") {
		t.Errorf("error %v", err)
	}
}

// TestWrongPlaces: each is refused with what there is.
func TestWrongPlaces(t *testing.T) {
	for _, c := range []struct {
		norm, places, want string
	}{
		{"rn", "layer1", `unknown place "layer1": recipe digits with this network has conv1, conv2, hidden`},
		{"rn", "conv2 conv1", "in the order conv1, conv2, hidden"},
		{"rn", "conv1 conv1", "each place once"},
		{"rn", "conv1 conv2 hidden", "these are all places"},
		{"bn", "conv1", "the other places have bn too"},
	} {
		config := toyConfig(t, c.norm, "cdan-e")
		config.NormAt = strings.Fields(c.places)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s at %s: error %v, want %q", c.norm, c.places, err, c.want)
		}
	}
}

// TestRecordedIDs: the ids of recorded results are still those of their
// configurations.
func TestRecordedIDs(t *testing.T) {
	results, err := ReadResults("results/digits")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if got := r.Config.ID(); got != r.ID {
			t.Errorf("%s → %s, %s, seed %d: id %s, recorded %s", r.Source, r.Target, r.Norm, r.Seed, got, r.ID)
		}
	}
}
