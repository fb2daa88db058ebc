package experiments

import (
	"context"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
)

// TestOpenSavedFails: OpenSaved returns an error and nothing to close for a run that
// does not exist and for a backend that does not.
func TestOpenSavedFails(t *testing.T) {
	c, env := toydata.DigitsConfig(t, "bn", "source-only"), outputTo(t.TempDir())
	c.Steps = 1
	if s, err := OpenSaved(context.Background(), "nope", checkpoint.Latest, env); s != nil || err == nil || !strings.Contains(err.Error(), "there are no runs") {
		t.Errorf("in an empty folder: %v, error %v", s, err)
	}
	r, err := runToy(context.Background(), toydata.Backend(t), c, toydata.Digits(), env)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := OpenSaved(context.Background(), "nope", checkpoint.Latest, env); s != nil || err == nil || !strings.Contains(err.Error(), `no run "nope"`) || !strings.Contains(err.Error(), r.ID) {
		t.Errorf("an unknown run: %v, error %v", s, err)
	}
	env.Backend = "nope"
	if s, err := OpenSaved(context.Background(), r.ID, checkpoint.Latest, env); s != nil || err == nil || !strings.Contains(err.Error(), "nope") {
		t.Errorf("an unknown backend: %v, error %v", s, err)
	}
}
