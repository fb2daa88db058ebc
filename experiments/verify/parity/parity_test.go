package parity_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/gomlx/backends/default"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/experiments/verify/parity"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

var backend compute.Backend

// TestMain has XLA, which the ResNet needs, compile fast rather than well.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// goldenDir is relative to this folder; tests that need it skip without it.
const goldenDir = "../../../../shared/golden"

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

// TestKinds: whatever kind is read can be run.
func TestKinds(t *testing.T) {
	for _, kind := range []golden.Kind{golden.KindLayer, golden.KindLosses, golden.KindTrajectory, golden.KindResNet} {
		if len(parity.DTypes(kind)) == 0 {
			t.Errorf("files of kind %q cannot be run", kind)
		}
	}
	if _, err := parity.Run(backend, &golden.File{Path: "x.json", Kind: "other"}, dtypes.Float32, parity.Inputs{}); err == nil || !strings.Contains(err.Error(), `x.json: files of kind "other"`) {
		t.Errorf("error %v", err)
	}
}

// TestGolden is `rn verify` on the backend of the tests, without the ResNet, for
// which it is too slow.
func TestGolden(t *testing.T) {
	for _, file := range readGolden(t) {
		if file.Kind == golden.KindResNet {
			continue
		}
		for _, dtype := range parity.DTypes(file.Kind) {
			c, err := parity.Run(backend, file, dtype, parity.Inputs{})
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
