package experiments

import (
	"context"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/experiments/training/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// trained are the variables below the network's scope that a run left, by path.
func trained(t *testing.T, out string, c config.Config) map[string][]float32 {
	t.Helper()
	store := model.NewStore()
	if _, err := checkpoint.Read(filepath.Join(RunDir(out, c.ID()), checkpointDir), store, checkpoint.Latest, nil); err != nil {
		t.Fatal(err)
	}
	values := make(map[string][]float32)
	for v := range store.Scope("/" + networkScope).IterVariables() {
		values[v.Path()] = tensors.MustCopyFlatData[float32](v.MustValue())
	}
	return values
}

// largestDifference is that of two slices over the largest magnitude.
func largestDifference(a, b []float32) float64 {
	difference, scale := 0.0, 1e-30
	for i := range a {
		difference = math.Max(difference, math.Abs(float64(a[i]-b[i])))
		scale = math.Max(scale, math.Abs(float64(a[i])))
	}
	return difference / scale
}

// TestAdaBN: trained without a loss on the target, AdaBN has the weights, γ and β
// of a network with batch norm that was trained on the source alone, and it is
// evaluated with the target's population statistics, which no momentum is in.
func TestAdaBN(t *testing.T) {
	backend := newBackend(t)
	run := func(norm string, momentum float64) (record.Result, map[string][]float32) {
		c, out := toyConfig(t, norm, "source-only"), t.TempDir()
		c.NormOptions.Momentum = momentum
		r, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: out}})
		if err != nil {
			t.Fatal(err)
		}
		return r, trained(t, out, c)
	}
	_, source := run("bn", 0.1)
	slow, adapted := run("adabn", 0.1)
	fast, other := run("adabn", 0.9)
	weights := 0
	for path, values := range adapted {
		if rnlayer.IsRunningStatistic(path[strings.LastIndex(path, "/")+1:]) {
			if !reflect.DeepEqual(values, other[path]) {
				t.Errorf("%s depends on the momentum: %v and %v", path, values[:2], other[path][:2])
			}
			continue
		}
		weights++
		if d := largestDifference(source[path], values); d > 1e-4 {
			t.Errorf("%s differs by %.1e from a network that has not seen the target", path, d)
		}
	}
	if weights < 10 || !reflect.DeepEqual(slow.Points, fast.Points) {
		t.Errorf("%d weights; points %+v and %+v", weights, slow.Points, fast.Points)
	}
	mean := adapted["/model/conv1/norm/running_mean"] // [source, target] of 16 channels; the source is brighter
	if d := largestDifference(mean[:16], mean[16:]); d < 0.1 {
		t.Errorf("the domains' means differ by %.1e of the largest", d)
	}
}

// TestNoDecay: under a decay that shrinks everything, AutoDIAL's α stays.
func TestNoDecay(t *testing.T) {
	c, out := toyConfig(t, "autodial", "source-only"), t.TempDir()
	c.Steps, c.EvalEvery = 3, 3
	c.Optimizer.LearningRate, c.Optimizer.WeightDecay = 1e-9, 1e6
	if _, err := runToy(context.Background(), newBackend(t), c, toyData(), environment.Environment{Output: environment.Output{Out: out}}); err != nil {
		t.Fatal(err)
	}
	values := trained(t, out, c)
	if alpha := values["/model/conv1/norm/alpha"]; len(alpha) != 1 || alpha[0] < 0.99999 {
		t.Errorf("α is %v, want 1", alpha)
	}
	if gamma := values["/model/conv1/norm/scale"]; gamma[0] > 0.999 {
		t.Errorf("γ is %v: nothing decays", gamma[0])
	}
}

// TestNoDecayOnlyWhereThereIsANorm: a rule that matches no variable would end
// the run, so there is none for a network whose norms are all frozen.
func TestNoDecayOnlyWhereThereIsANorm(t *testing.T) {
	spec, err := rnlayer.Lookup("autodial")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Default("office-31")
	if err != nil {
		t.Fatal(err)
	}
	want := sgd.Rule{Prefix: "/model", Name: "alpha", LearningRate: 1}
	for _, test := range []struct {
		features string
		freeze   int
		plain    bool
		norms    bool
	}{
		{config.FeaturesFinetuned, 0, true, true},
		{config.FeaturesFinetuned, backbone.Stages - 1, true, true},
		{config.FeaturesFinetuned, backbone.Stages, true, false},
		{config.FeaturesFinetuned, backbone.Stages, false, true},
		{config.FeaturesFrozen, 0, true, false},
		{config.FeaturesFrozen, 0, false, true},
	} {
		c.Network.Features, c.Network.Freeze, c.Network.PlainBottleneck = test.features, test.freeze, test.plain
		found := false
		for _, r := range c.optimizer(spec, objective.Spec{}).Rules {
			found = found || r == want
		}
		if found != test.norms {
			t.Errorf("%+v: the rule is there: %v", test, found)
		}
	}
}

// TestNormsFold: the network with its norms folded has the logits of the network
// for norms whose inference is more than one γ and β; DWT is refused.
func TestNormsFold(t *testing.T) {
	backend := newBackend(t)
	d := toyData()
	for _, norm := range []string{"dsbn", "transnorm", "dwt"} {
		t.Run(norm, func(t *testing.T) {
			c := toyConfig(t, norm, "source-only")
			c.NormOptions.UniformScale = true
			store := model.NewStore()
			if err := store.SetRNGStateFromSeed(1); err != nil {
				t.Fatal(err)
			}
			trainer, err := newTrainer(backend, store, c, len(d.test.classes), backbone.Variant{})
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.finalize()
			if err := trainer.recalibrate(context.Background(), d, environment.Environment{}); err != nil {
				t.Fatal(err)
			}
			x, _, err := firstExamples(d.test)
			if err != nil {
				t.Fatal(err)
			}
			want, err := trainer.infer.Call1(x)
			if err != nil {
				t.Fatal(err)
			}
			folds, err := trainer.folds()
			if norm == "dwt" {
				if err == nil || !strings.Contains(err.Error(), "/model/conv1/norm") || !strings.Contains(err.Error(), norm) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			folded, err := trainer.foldedStore(folds)
			if err != nil {
				t.Fatal(err)
			}
			got, err := trainer.foldedLogits(&Saved{backend: backend}, folded, x)
			if err != nil {
				t.Fatal(err)
			}
			if difference := relativeDifference(got, want); len(folds) != 3 || !(difference < 1e-5) {
				t.Errorf("%d norms; the folded network's logits differ by %.1e of the largest", len(folds), difference)
			}
		})
	}
}
