package training

import (
	"fmt"
	"os"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// TestMain makes XLA compile fast.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
