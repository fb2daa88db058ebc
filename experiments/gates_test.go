package experiments

import (
	"context"
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestPointsHaveGates: RN's gates are recorded layer by layer and stay in their
// range; BN has none.
func TestPointsHaveGates(t *testing.T) {
	backend := newBackend(t)
	for norm, want := range map[string]int{"rn": 3, "bn": 0} {
		c := toyConfig(t, norm, "source-only")
		c.Steps, c.Optimizer.LearningRate, c.Optimizer.WeightDecay = 3, 0.1, 0.1
		r, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: t.TempDir()}})
		if err != nil {
			t.Fatal(err)
		}
		gates := r.Points[0].Gates
		if len(gates) != want {
			t.Fatalf("%s: gates of %d layers, want %d", norm, len(gates), want)
		}
		for _, g := range gates {
			for _, q := range []record.Quantiles{g.Mean, g.Variance} {
				if !slices.IsSorted(q[:]) || q[0] < 0.5 || q[6] > 1 || q[0] == 1 {
					t.Errorf("%s: quantiles %v: want them in [0.5, 1], and some below 1", g.Layer, q)
				}
			}
		}
	}
}

// TestGatesByDecay: the head's gates, whose learning rate is ten times as high,
// go further, and none below their range.
func TestGatesByDecay(t *testing.T) {
	c, err := config.Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	at := func(layer string, steps int) float64 {
		v, err := c.GatesByDecay(layer, steps)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const backbone, head = "/model/backbone/layer4/2/conv3/norm", "/model/head/bottleneck/norm"
	if got, want := at(backbone, 100), c.Optimizer.DecayAlone(backbone+"/mean_gate", 1, 100); got != want || got >= 1 {
		t.Errorf("the backbone's gates go to %g, want %g", got, want)
	}
	if ratio := (1 - at(head, 100)) / (1 - at(backbone, 100)); ratio < 9.5 || ratio > 10.5 {
		t.Errorf("the head's gates go %g times as far, want about 10", ratio)
	}
	c.Optimizer.WeightDecay = 1
	if got := at(head, 1000); got != c.NormOptions.GateMin {
		t.Errorf("gates go to %g, below %g", got, c.NormOptions.GateMin)
	}
	c.Norm = "nope"
	if _, err := c.GatesByDecay(head, 1); err == nil {
		t.Error("a norm that there is not has gates")
	}
}
