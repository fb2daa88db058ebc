package training

import (
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
)

// TestFeatureKey: everything that decides features decides the cache's file.
func TestFeatureKey(t *testing.T) {
	key := featureKey{"resnet18", "w", config.Photos{Resize: 36, Crop: 32, TestCrops: 1}, "v1", "cpu"}
	if other := key; other.String() != key.String() || !strings.HasPrefix(key.String(), "resnet18-") {
		t.Errorf("files %s and %s of one key", key, other)
	}
	names := map[string]string{key.String(): "the key itself"}
	for what, change := range map[string]func(*featureKey){
		"backbone":     func(k *featureKey) { k.Backbone = "resnet34" },
		"weights":      func(k *featureKey) { k.Weights = "other" },
		"resize":       func(k *featureKey) { k.Photos.Resize = 40 },
		"crop":         func(k *featureKey) { k.Photos.Crop = 36 },
		"aspect":       func(k *featureKey) { k.Photos.KeepAspect = true },
		"code version": func(k *featureKey) { k.Version = "v2" },
		"backend":      func(k *featureKey) { k.Backend = "cuda" },
	} {
		changed := key
		change(&changed)
		if other, ok := names[changed.String()]; ok {
			t.Errorf("another %s has the file of %s", what, other)
		}
		names[changed.String()] = "another " + what
	}
}
