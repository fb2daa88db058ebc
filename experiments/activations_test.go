package experiments

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestTrainsInBFloat16: a run in bfloat16 has losses and variables close to those
// of the run in float32, and saves every variable in float32.
func TestTrainsInBFloat16(t *testing.T) {
	backend := toydata.Backend(t)
	out := t.TempDir()
	run := func(a backbone.Activations) record.Result {
		c := toydata.DigitsConfig(t, "rn", "cdan-e")
		c.Activations = a
		r, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(out))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	wide, narrow := run(backbone.Float32), run(backbone.BFloat16)
	for i, p := range wide.Points {
		q := narrow.Points[i]
		for what, values := range map[string][2]float64{"task": {p.TaskLoss, q.TaskLoss}, "transfer": {p.TransferLoss, q.TransferLoss}} {
			if d := math.Abs(values[0] - values[1]); d == 0 || d > 0.03*values[0] {
				t.Errorf("step %d: %s loss %g with float32, %g with bfloat16", p.Step, what, values[0], values[1])
			}
		}
	}
	difference, length := 0.0, 0.0
	want := trained(t, out, wide.ID)
	for path, values := range trained(t, out, narrow.ID) { // which copies float32 only
		for i, v := range values {
			w := float64(want[path][i])
			difference, length = difference+(float64(v)-w)*(float64(v)-w), length+w*w
		}
	}
	if d := math.Sqrt(difference / length); d == 0 || d > 0.05 {
		t.Errorf("the network's variables differ by %.1e of their length", d)
	}
	for v := range checkpointed(t, out, narrow.ID).IterVariables() { // the optimizer's and the discriminator's too
		if v.DType() == dtypes.BFloat16 {
			t.Errorf("%s is saved in %s", v.Path(), v.DType())
		}
	}
}

// TestFrozenInBFloat16: a head with bfloat16 activations learns from float32
// features, is evaluated as in training and is exported. A float32 run finds the
// features in the cache.
func TestFrozenInBFloat16(t *testing.T) {
	toydata.Backend(t)
	toydata.OwnCache(t)
	env := photosEnvironment(t, toydata.Photographs(t, 5))
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
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

	env.Preparing = func(what string, done, total int) {
		if strings.Contains(what, "features") {
			t.Errorf("%s: computed again for float32", what)
		}
	}
	c.Steps, c.EvalEvery, c.Activations = 1, 1, backbone.Float32
	if _, err := Run(context.Background(), c, env); err != nil {
		t.Fatal(err)
	}
}
