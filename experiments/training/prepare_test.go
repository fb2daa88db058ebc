package training

import (
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestNoDecayOnlyWhereThereIsANorm: a network whose norms are all frozen has no
// rule for their variables, because the optimizer refuses a rule that matches none.
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
		if found := slices.Contains(optimizerOf(c, spec, objective.Spec{}).Rules, want); found != test.norms {
			t.Errorf("%+v: the rule is there: %v", test, found)
		}
	}
}

// TestPrepare: whatever follows from the norm, the objective and the devices is
// resolved, and what does not fit is refused.
func TestPrepare(t *testing.T) {
	for _, test := range []struct {
		norm, goal        string
		joint, population bool
	}{
		{"bn", "source-only", false, false}, {"bn", "cdan-e", true, false}, {"rn", "source-only", true, false}, {"adabn", "source-only", true, true},
	} {
		p, err := Prepare(toydata.DigitsConfig(t, test.norm, test.goal), backbone.Variant{}, environment.Compute{Devices: 2})
		if err != nil {
			t.Fatal(err)
		}
		if p.Joint != test.joint || p.Population != test.population || p.Devices != 2 || p.Norm.Name != test.norm || p.Objective.Name != test.goal {
			t.Errorf("%s with %s: %+v", test.norm, test.goal, p)
		}
	}
	for want, edit := range map[string]func(*config.Config, *environment.Compute){
		"steps is 0":   func(c *config.Config, _ *environment.Compute) { c.Steps = 0 },
		"batch size 8": func(_ *config.Config, e *environment.Compute) { e.Devices = 3 },
	} {
		c, compute := toydata.DigitsConfig(t, "rn", "cdan-e"), environment.Compute{}
		edit(&c, &compute)
		if _, err := Prepare(c, backbone.Variant{}, compute); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestGatesByDecay: decay alone takes the head's gates, whose learning rate is ten
// times as high, further than the backbone's, and no gate below its range.
func TestGatesByDecay(t *testing.T) {
	c, err := config.Default("office-home")
	if err != nil {
		t.Fatal(err)
	}
	at := func(layer string, steps int) float64 {
		v, err := GatesByDecay(c, layer, steps)
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
	if _, err := GatesByDecay(c, head, 1); err == nil {
		t.Error("an unknown norm has gates")
	}
}
