package experiments

import (
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/rnlayer"
)

func TestGateDecay(t *testing.T) {
	digits, err := Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	got, err := digits.GateDecay("/model/conv1/norm", rnlayer.VarMeanGate)
	if err != nil {
		t.Fatal(err)
	}
	want, err := digits.Optimizer.Decay(digits.Steps, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != digits.Steps+1 || got[digits.Steps] != want[digits.Steps] || got[digits.Steps] >= 1 {
		t.Errorf("%d values to %g, want %d to %g", len(got), got[len(got)-1], digits.Steps+1, want[digits.Steps])
	}
	digits.NormOptions.GateMin = 0.99
	if got, err := digits.GateDecay("/model/conv1/norm", rnlayer.VarMeanGate); err != nil || got[digits.Steps] != 0.99 {
		t.Errorf("gates of [0.99, 1] decay to %g, %v", got[digits.Steps], err)
	}
	if _, err := digits.GateDecay("/model/conv1/norm", "alpha"); err == nil || !strings.Contains(err.Error(), "want mean_gate or variance_gate") {
		t.Errorf("a gate that RN does not have: %v", err)
	}

	// The paper's run: 0.955 in the backbone, and in the bottleneck, whose rate is
	// ten times as high, nearly the tenth power of that.
	paper, err := Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	for layer, want := range map[string]float64{"/model/backbone/layer1/0/conv1/norm": 0.955, "/model/head/bottleneck/norm": 0.634} {
		got, err := paper.GateDecay(layer, rnlayer.VarVarianceGate)
		if err != nil {
			t.Fatal(err)
		}
		if last := got[paper.Steps]; last < want-1e-3 || last > want+1e-3 {
			t.Errorf("%s: %.4f, want %.3f", layer, last, want)
		}
	}
}
