package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// TestWeightsGet runs the examples of the help text with weights in the cache.
func TestWeightsGet(t *testing.T) {
	cache := t.TempDir()
	t.Setenv(fetch.CacheEnv, cache)
	file := filepath.Join(cache, "weights", "keras-resnet50", "ResNet50", "model.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	examples := 0
	for line := range strings.Lines(newWeightsGet().Example) {
		args := strings.Fields(line)[1:] // without rn
		code, stdout, stderr := call(args...)
		if code != 0 || stdout != file+"\n" || stderr != "" {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want %s", strings.Join(args, " "), code, stdout, stderr, file)
		}
		examples++
	}
	if examples != 2 {
		t.Errorf("%d examples, want 2", examples)
	}
	code, _, stderr := call("weights", "get", "resnet51")
	if code != exitFailed || !strings.Contains(stderr, `unknown backbone or weights "resnet51"`) {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}
