package parity_test

import (
	"os"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"

	"github.com/reciprocalnorm/rn/experiments/golden"
	"github.com/reciprocalnorm/rn/experiments/parity"
)

var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// goldenDir is relative to this folder; tests that need it skip without it.
const goldenDir = "../../../shared/golden"

func readGolden(t *testing.T) []*golden.File {
	t.Helper()
	if _, err := os.Stat(goldenDir); err != nil {
		t.Skipf("no golden files: %v", err)
	}
	files, err := golden.ReadDir(goldenDir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestGolden is `rn verify` on the backend of the tests.
func TestGolden(t *testing.T) {
	for _, file := range readGolden(t) {
		if !parity.Supported(file.Kind) {
			continue
		}
		for _, dtype := range parity.DTypes() {
			c, err := parity.Run(backend, file, dtype)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			w := c.Worst()
			t.Logf("%s %s: %d arrays, worst %s: %.2g", file.Path, dtype, len(c.Checks), w.Name, w.MaxRel)
			if !c.OK() {
				t.Errorf("%s in %s: %s is off by %.3g of its largest value, more than %.0e", file.Path, dtype, w.Name, w.MaxRel, w.Tolerance)
			}
		}
	}
}
