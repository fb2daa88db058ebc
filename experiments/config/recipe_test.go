package config

import (
	"slices"
	"strings"
	"testing"
)

// TestFromRecipe checks that only settings that differ from the task's defaults are
// listed: the lower learning rate of some Office-31 tasks is a default.
func TestFromRecipe(t *testing.T) {
	c, err := Task{Recipe: "office-31", Source: "amazon", Target: "dslr"}.Default()
	if err != nil {
		t.Fatal(err)
	}
	c.Norm, c.Objective, c.Seed = "bn", "dann", 7
	changes, base, err := c.FromRecipe()
	if err != nil || len(changes) > 0 || base.ID() != c.ID() {
		t.Errorf("changes %q, error %v, want none", changes, err)
	}
	c.BatchSize, c.NormOptions.GateMin = 8, 0.25
	changes, base, err = c.FromRecipe()
	if want := []string{"batch_size", "norm_options.gate_min"}; err != nil || !slices.Equal(changes, want) {
		t.Errorf("changes %q, error %v, want %q", changes, err, want)
	}
	if base.BatchSize != 36 || base.NormOptions.GateMin != 0.5 || base.Seed != 7 {
		t.Errorf("base %+v", base)
	}
}

// TestFromUnknownRecipe checks that every setting is listed, beside the error.
func TestFromUnknownRecipe(t *testing.T) {
	c := digitsOf(t)
	c.Recipe = "of-another-version"
	changes, base, err := c.FromRecipe()
	if err == nil || !strings.Contains(err.Error(), `unknown recipe "of-another-version"`) {
		t.Errorf("error %v", err)
	}
	for _, field := range []string{"steps", "batch_size", "optimizer.learning_rate", "norm_options.gate_min"} {
		if !slices.Contains(changes, field) {
			t.Errorf("changes %q lack %s", changes, field)
		}
	}
	for _, field := range []string{"recipe", "source", "target", "norm", "objective", "seed"} {
		if slices.Contains(changes, field) {
			t.Errorf("changes list %s", field)
		}
	}
	if base.Source != c.Source || base.Norm != c.Norm || base.Steps != 0 {
		t.Errorf("base %+v", base)
	}
}
