package experiments

import (
	"runtime/debug"
	"testing"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
)

// TestRunFreesBuffers: a run destroys its buffers and executables before its backend,
// which alone can free their memory. The executable that GoMLX's
// Store.InitializeVariables makes, and two small buffers, wait for Go's collector.
func TestRunFreesBuffers(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection destroys what it finds
	const mostBuffers, mostExecutables = 2, 1
	backend := toydata.Backend(t)
	for _, norm := range []string{"bn", "rn"} {
		c := toydata.DigitsConfig(t, norm, "cdan-e")
		c.Steps, c.EvalEvery = 2, 1
		buffers, executables := pjrt.BuffersAlive(), pjrt.LoadedExecutablesAlive()
		if _, err := runToy(t.Context(), backend, c, toydata.Digits(), outputTo(t.TempDir())); err != nil {
			t.Fatalf("%s: %v", norm, err)
		}
		if n := pjrt.BuffersAlive() - buffers; n > mostBuffers {
			t.Errorf("%s: %d buffers are left, want at most %d", norm, n, mostBuffers)
		}
		if n := pjrt.LoadedExecutablesAlive() - executables; n > mostExecutables {
			t.Errorf("%s: %d executables are left, want at most %d", norm, n, mostExecutables)
		}
	}
}
