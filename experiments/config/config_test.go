package config_test

import (
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// TestActivationsOfConfig: float32 has the id of a configuration without
// activations, bfloat16 another id, and the error for unknown activations names
// the known ones.
func TestActivationsOfConfig(t *testing.T) {
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	id := c.ID()
	c.Activations = backbone.Float32
	if c.ID() != id || c.Validate() != nil {
		t.Errorf("float32 has the id %s, %v, want %s", c.ID(), c.Validate(), id)
	}
	c.Activations = backbone.BFloat16
	if c.ID() == id || c.Validate() != nil {
		t.Errorf("bfloat16 has the id %s, %v, like %s of float32", c.ID(), c.Validate(), id)
	}
	c.Activations = "half"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), `"half"`) || !strings.Contains(err.Error(), "bfloat16") {
		t.Errorf("error %v", err)
	}
}

// TestDefaultsAreValid: every recipe's defaults are a valid configuration, except
// that the user's own photographs need names of domains.
func TestDefaultsAreValid(t *testing.T) {
	for _, r := range config.Recipes() {
		for _, features := range []string{"", config.FeaturesFrozen, config.FeaturesFinetuned} {
			if features != "" && !r.OfPhotos() {
				continue
			}
			task := config.Task{Recipe: r.Name, Features: features}
			if len(r.Domains) == 0 {
				task.Source, task.Target = "a", "b"
			}
			c, err := task.Default()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Validate(); err != nil {
				t.Errorf("%s, features %q: %v", r.Name, features, err)
			}
		}
	}
}

// TestValidateJoins: Validate returns every problem at once.
func TestValidateJoins(t *testing.T) {
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	c.Norm, c.Steps, c.BatchSize, c.Optimizer.LearningRate = "nope", 0, 1, -1
	err := c.Validate()
	for _, want := range []string{`unknown norm "nope"`, "steps is 0", "batch size is 1", "learning rate"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
