package experiments

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// largestDifference is the largest difference of two slices divided by the largest
// magnitude of the first.
func largestDifference(a, b []float32) float64 {
	difference, scale := 0.0, 1e-30
	for i := range a {
		difference = math.Max(difference, math.Abs(float64(a[i]-b[i])))
		scale = math.Max(scale, math.Abs(float64(a[i])))
	}
	return difference / scale
}

// TestAdaBN: without a loss on the target, AdaBN trains the weights, γ and β that
// batch norm trains on the source alone. It is evaluated with the target's
// population statistics, which do not depend on the momentum.
func TestAdaBN(t *testing.T) {
	backend := toydata.Backend(t)
	run := func(norm string, momentum float64) (record.Result, map[string][]float32) {
		c, out := toydata.DigitsConfig(t, norm, "source-only"), t.TempDir()
		c.NormOptions.Momentum = momentum
		r, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(out))
		if err != nil {
			t.Fatal(err)
		}
		return r, trained(t, out, r.ID)
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

// TestNoDecay: a decay that shrinks every other variable leaves AutoDIAL's α.
func TestNoDecay(t *testing.T) {
	c, out := toydata.DigitsConfig(t, "autodial", "source-only"), t.TempDir()
	c.Steps, c.EvalEvery = 3, 3
	c.Optimizer.LearningRate, c.Optimizer.WeightDecay = 1e-9, 1e6
	r, err := runToy(context.Background(), toydata.Backend(t), c, toydata.Digits(), outputTo(out))
	if err != nil {
		t.Fatal(err)
	}
	values := trained(t, out, r.ID)
	if alpha := values["/model/conv1/norm/alpha"]; len(alpha) != 1 || alpha[0] < 0.99999 {
		t.Errorf("α is %v, want 1", alpha)
	}
	if gamma := values["/model/conv1/norm/scale"]; gamma[0] > 0.999 {
		t.Errorf("γ is %v: nothing decays", gamma[0])
	}
}
