package bench

import (
	"fmt"
	"os"
	"testing"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// serving is the environment variable that turns the test binary into the process
// of a case: the name of its norm.
const serving = "RN_TEST_SERVE"

// TestMain has XLA compile fast rather than well.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if norm := os.Getenv(serving); norm != "" {
		if err := serve(norm); err != nil {
			fmt.Fprintf(os.Stderr, "an earlier line\nrn: %v\n", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve runs the process of a small case.
func serve(norm string) error {
	backend, err := platform.New("xla:cpu")
	if err != nil {
		return err
	}
	defer backend.Finalize()
	return Serve(backend, digitsConfig(norm), os.Stdin, os.Stdout)
}

// digitsConfig is a small case.
func digitsConfig(norm string) Case {
	return Case{Backbone: DigitsName, Norm: norm, PerDomain: 4, Size: 16}
}

// newBackend opens XLA on the CPU, which `make setup` installs.
func newBackend(t testing.TB) compute.Backend {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}
