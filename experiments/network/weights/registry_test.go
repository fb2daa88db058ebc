package weights

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// TestResolve checks that both the name of weights and a backbone lead to weights
// in the cache, and that a backbone prefers the first of the registry.
func TestResolve(t *testing.T) {
	cache := t.TempDir()
	t.Setenv(fetch.CacheEnv, cache)
	install := func(path ...string) {
		t.Helper()
		file := filepath.Join(append([]string{cache, "weights"}, path...)...)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := func(name, weights string) {
		t.Helper()
		var progress bytes.Buffer
		spec, err := Resolve(t.Context(), name, &progress)
		if err != nil || spec.Name != weights || progress.Len() > 0 {
			t.Errorf("Resolve(%q) = %q, %v after %q, want %q without fetching", name, spec.Name, err, &progress, weights)
		}
	}
	install("keras-resnet50", "ResNet50", "model.json")
	want("keras-resnet50", "keras-resnet50")
	want("resnet50", "keras-resnet50")
	install("torchvision-resnet50", "model.safetensors")
	want("torchvision-resnet50", "torchvision-resnet50")
	want("resnet50", "torchvision-resnet50")
	want("keras-resnet50", "keras-resnet50")

	_, err := Resolve(t.Context(), "resnet51", nil)
	wantError(t, err, `unknown backbone or weights "resnet51": did you mean resnet50? want one of resnet18, resnet34, resnet50, resnet101, resnet152, torchvision-resnet18`)
}
