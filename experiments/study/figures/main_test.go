package figures_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/internal/toyrun"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// out is the output folder of the run that all tests share.
var out string

func TestMain(m *testing.M) {
	err := xlaflags.SetFast()
	if err == nil {
		out, err = os.MkdirTemp("", "figures")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(out)
	os.Exit(code)
}

// trained trains the shared run once.
var trained = sync.OnceValues(func() (record.Result, error) { return toyrun.Train(context.Background(), out) })

// shared opens the network of the shared run once.
var shared = sync.OnceValues(func() (*experiments.Saved, error) {
	r, err := trained()
	if err != nil {
		return nil, err
	}
	return experiments.OpenSaved(context.Background(), r.ID, checkpoint.Latest, toyrun.Environment(out))
})

// openRun returns the shared run and its network.
func openRun(t *testing.T) (record.Result, *experiments.Saved) {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	backend.Finalize()
	r, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}
