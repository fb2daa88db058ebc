package experiments

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
)

func TestQuantiles(t *testing.T) {
	if got, want := quantilesOf([][]float64{{4, 1, 2}, {3, 0}}), (Quantiles{0, 0.2, 1, 2, 3, 3.8, 4}); got != want {
		t.Errorf("quantiles %v, want %v", got, want)
	}
	if got, want := quantilesOf([][]float64{{1, 2}}), (Quantiles{1, 1.05, 1.25, 1.5, 1.75, 1.95, 2}); got != want {
		t.Errorf("quantiles %v, want %v", got, want)
	}
}

// TestQuantilesOfBefore: five quantiles, of the first runs that recorded any,
// are not taken for seven.
func TestQuantilesOfBefore(t *testing.T) {
	for text, want := range map[string]Quantiles{"[1,2,3,4,5,6,7]": {1, 2, 3, 4, 5, 6, 7}, "[1,2,3,4,5]": {}} {
		q := Quantiles{9}
		if err := json.Unmarshal([]byte(text), &q); err != nil || q != want {
			t.Errorf("%s is read as %v, %v, want %v", text, q, err, want)
		}
	}
}

func TestNaturalCompare(t *testing.T) {
	got := []string{"layer3/10/conv1", "conv1", "layer3/2/conv1", "layer3/2", "layer10", "layer02", "layer3/2/conv1"}
	slices.SortFunc(got, naturalCompare)
	want := []string{"conv1", "layer02", "layer3/2", "layer3/2/conv1", "layer3/2/conv1", "layer3/10/conv1", "layer10"}
	if !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

// TestPointsHaveGates: RN's gates are recorded layer by layer and stay in their
// range; BN has none.
func TestPointsHaveGates(t *testing.T) {
	backend := newBackend(t)
	for norm, want := range map[string]int{"rn": 3, "bn": 0} {
		c := toyConfig(t, norm, "source-only")
		c.Steps, c.Optimizer.LearningRate, c.Optimizer.WeightDecay = 3, 0.1, 0.1
		r, err := runToy(context.Background(), backend, c, toyData(), Environment{Out: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		gates := r.Points[0].Gates
		if len(gates) != want {
			t.Fatalf("%s: gates of %d layers, want %d", norm, len(gates), want)
		}
		for _, g := range gates {
			for _, q := range []Quantiles{g.Mean, g.Variance} {
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
	c, err := Default("office-home")
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
