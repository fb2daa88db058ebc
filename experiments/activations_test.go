package experiments

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestActivationsOfConfig: float32 has the id of no activations, bfloat16 another
// one, and what there is not is said.
func TestActivationsOfConfig(t *testing.T) {
	c := toyConfig(t, "rn", "cdan-e")
	id := c.ID()
	c.Activations = backbone.Float32
	if c.ID() != id || c.Validate() != nil {
		t.Errorf("float32 has the id %s, %v, nothing %s", c.ID(), c.Validate(), id)
	}
	c.Activations = backbone.BFloat16
	if c.ID() == id || c.Validate() != nil {
		t.Errorf("bfloat16 has the id %s, %v, nothing %s", c.ID(), c.Validate(), id)
	}
	c.Activations = "half"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `"half"`) || !strings.Contains(err.Error(), "bfloat16") {
		t.Errorf("error %v", err)
	}
}

// TestActivationsOfNetworks: the norms of every kind of network are given what the
// configuration says, all variables are of float32, and so are the logits.
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
		"digits":          {toyConfig(t, "rn", "cdan-e"), []int{16, 28, 28, 1}, 3},
		"fine-tuned":      {photos, []int{4, 64, 64, 3}, 21},
		"frozen features": {frozen, []int{4, 2048}, 1},
	} {
		for activations, want := range map[backbone.Activations]dtypes.DType{"": dtypes.Float32, backbone.Float32: dtypes.Float32, backbone.BFloat16: dtypes.BFloat16} {
			c := network.config
			c.Activations = activations
			given := make(map[dtypes.DType]int)
			build, err := c.networkOf(func(rnlayer.Options) rnlayer.Norm {
				return func(scope *model.Scope, x *Node) *Node {
					given[x.DType()]++
					return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
				}
			}, backbone.TorchVision)
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
			features, logits := build(store.RootScope().In(networkScope), Parameter(g, "x", shapes.Make(dtypes.Float32, network.shape...)), 3)
			if given[want] != network.norms || len(given) != 1 || features.DType() != want || logits.DType() != dtypes.Float32 {
				t.Errorf("%s, %q: norms are given %v, features are of %s, logits of %s", name, activations, given, features.DType(), logits.DType())
			}
			for v := range store.IterVariables() {
				if v.DType() == dtypes.BFloat16 {
					t.Errorf("%s, %q: %s is of %s", name, activations, v.Path(), v.DType())
				}
			}
			g.Finalize()
			backend.Finalize()
		}
	}
}

// TestTrainsInBFloat16: the losses of a run follow those in float32, and every
// saved variable is of float32 and, together, close to float32's.
func TestTrainsInBFloat16(t *testing.T) {
	backend := newBackend(t)
	out := t.TempDir()
	run := func(a backbone.Activations) (record.Result, config.Config) {
		c := toyConfig(t, "rn", "cdan-e")
		c.Activations = a
		r, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: out}})
		if err != nil {
			t.Fatal(err)
		}
		return r, c
	}
	wide, wideConfig := run(backbone.Float32)
	narrow, narrowConfig := run(backbone.BFloat16)
	for i, p := range wide.Points {
		q := narrow.Points[i]
		for what, values := range map[string][2]float64{"task": {p.TaskLoss, q.TaskLoss}, "transfer": {p.TransferLoss, q.TransferLoss}} {
			if d := math.Abs(values[0] - values[1]); d == 0 || d > 0.03*values[0] {
				t.Errorf("step %d: %s loss %g with float32, %g with bfloat16", p.Step, what, values[0], values[1])
			}
		}
	}
	difference, length := 0.0, 0.0
	want := trained(t, out, wideConfig)
	for path, values := range trained(t, out, narrowConfig) { // which copies float32 only
		for i, v := range values {
			w := float64(want[path][i])
			difference, length = difference+(float64(v)-w)*(float64(v)-w), length+w*w
		}
	}
	if d := math.Sqrt(difference / length); d == 0 || d > 0.05 {
		t.Errorf("the network's variables differ by %.1e of their length", d)
	}
	store := model.NewStore()
	if _, err := checkpoint.Read(filepath.Join(RunDir(out, narrowConfig.ID()), checkpointDir), store, checkpoint.Latest, nil); err != nil {
		t.Fatal(err)
	}
	for v := range store.IterVariables() { // the optimizer's and the discriminator's too
		if v.DType() == dtypes.BFloat16 {
			t.Errorf("%s is saved in %s", v.Path(), v.DType())
		}
	}
}

// TestFrozenInBFloat16: a head of bfloat16 activations on features that are of
// float32, and found in the cache by a run of float32; it is evaluated as in
// training, and exported.
func TestFrozenInBFloat16(t *testing.T) {
	newBackend(t)
	ownCache(t)
	env := environment.Environment{Images: environment.Images{Root: photographsOf(t, 5)}, Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: t.TempDir()}}
	c := photoConfig(t, config.FeaturesFrozen, randomWeights(t))
	c.Steps, c.EvalEvery, c.Activations = 60, 60, backbone.BFloat16
	r, err := Run(context.Background(), c, env)
	if err != nil {
		t.Fatal(err)
	}
	if r.Accuracy.Last < 0.9 {
		t.Errorf("accuracy %.2f on classes that colours tell apart", r.Accuracy.Last)
	}
	saved, err := OpenSaved(context.Background(), r.ID, checkpoint.Latest, env)
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	p, err := saved.Predict(context.Background(), PredictOptions{Statistics: rnlayer.EvalTarget})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Evaluation(), r.Points[0].Target; got.Accuracy != want.Accuracy || got.InfoMax != want.InfoMax {
		t.Errorf("evaluated again %+v, in training %+v", got, want)
	}
	requireExport(t, saved)

	env.Preparing = func(what string, done, of int) { t.Errorf("%s: computed again for float32", what) }
	c.Steps, c.EvalEvery, c.Activations = 1, 1, backbone.Float32
	if _, err := Run(context.Background(), c, env); err != nil {
		t.Fatal(err)
	}
}
