package photobench

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

// write writes files, given by path and content, below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// writeEmpty writes empty files below a folder.
func writeEmpty(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		write(t, dir, map[string]string{name: ""})
	}
}

// wantError fails unless an error contains all the parts.
var wantError = errortest.Says

// relative returns paths relative to a folder, with slashes.
func relative(t *testing.T, dir string, paths []string) []string {
	t.Helper()
	out := make([]string, len(paths))
	for i, path := range paths {
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = filepath.ToSlash(rel)
	}
	return out
}

// lookup returns a benchmark of the registry.
func lookup(t *testing.T, name string) Benchmark {
	t.Helper()
	b, err := Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
