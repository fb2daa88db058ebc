package experiments

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
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

// TestMemoryOfManyRuns: a process that makes many runs, each with a backend of its
// own, does not grow.
func TestMemoryOfManyRuns(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc/self/status")
	}
	const first, last, most = 4, 16, 30 // runs, and MB; 12 runs' variables take 60 MB
	c := toydata.DigitsConfig(t, "bn", "cdan-e")
	c.Steps, c.EvalEvery = 1, 1
	out := outputTo(t.TempDir())
	var settled int
	for i := range last {
		c.Seed = int64(i)
		backend := toydata.Backend(t)
		if _, err := runToy(t.Context(), backend, c, toydata.Digits(), out); err != nil {
			t.Fatal(err)
		}
		backend.Finalize()
		hostmemory.Release()
		if i == first-1 {
			settled = residentMB(t)
		}
	}
	if grown := residentMB(t) - settled; grown > most {
		t.Errorf("%d MB after %d runs, %d MB more after %d, want at most %d more", settled, first, grown, last, most)
	} else {
		t.Logf("%d MB after %d runs, %d MB more after %d", settled, first, grown, last)
	}
}

// residentMB is the anonymous memory of this process that is in RAM.
func residentMB(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	_, rest, found := strings.Cut(string(status), "RssAnon:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		t.Skip("/proc/self/status lacks RssAnon")
	}
	kB, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return kB >> 10
}
