package experiments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/xla/cache"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// TestLearns: RN with CDAN+E classifies the darker target.
func TestLearns(t *testing.T) {
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	c.Steps, c.EvalEvery = 40, 40
	r, err := runToy(context.Background(), toydata.Backend(t), c, toydata.Digits(), outputTo(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Points) != 1 || r.Points[0].Step != 40 {
		t.Errorf("points %+v", r.Points)
	}
	if r.Accuracy.Last < 0.9 {
		t.Errorf("accuracy %.2f on data that a column tells apart", r.Accuracy.Last)
	}
}

// TestXLACacheKeepsNumbers: executables from XLA's cache train and test to the same numbers, bit for bit, as freshly
// compiled ones, on one device and on several.
func TestXLACacheKeepsNumbers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the cache works on Linux")
	}
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	executables, err := platform.XLACache()
	if err != nil {
		t.Fatal(err)
	}
	for _, devices := range []int{1, 2} {
		var want record.Result
		var before cache.Stats
		for i, setting := range []string{platform.XLACacheOff, "", ""} { // The last one loads what the one before left.
			t.Setenv(platform.XLACacheEnv, setting)
			before = executables.Stats()
			got, err := runToy(t.Context(), toydata.Backend(t), c, toydata.Digits(), environment.Environment{Compute: environment.Compute{Devices: devices}, Output: environment.Output{Out: t.TempDir()}})
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				want = got
			} else if got.StateSHA256 != want.StateSHA256 || !reflect.DeepEqual(got.Points, want.Points) {
				t.Errorf("%d devices: run %d ends in %s, %+v, want %s, %+v", devices, i, got.StateSHA256, got.Points, want.StateSHA256, want.Points)
			}
		}
		stats := executables.Stats()
		if err := executables.Problem(); err != nil || stats.Hits+stats.Misses == 0 {
			t.Fatalf("%d devices: the cache does not work: %+v, %v", devices, stats, err)
		}
		if n := stats.Hits - before.Hits; n < 2 { // training and evaluation
			t.Errorf("%d devices: %d executables were loaded", devices, n)
		}
	}
}

// TestTargetLabelsDoNotReachTraining: other labels of the target give the same
// weights.
func TestTargetLabelsDoNotReachTraining(t *testing.T) {
	backend := toydata.Backend(t)
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	weights := func(scramble bool) string {
		d, out := toydata.Digits(), t.TempDir()
		d.Target = input.OfImages(toydata.Images("target", 40, 0.6, 2)) // with labels, in case anything looks
		if scramble {
			for i := range d.Target.Labels {
				d.Target.Labels[i] = (d.Target.Labels[i] + 1 + int32(i%2)) % 3
			}
			for i := range d.Test.Labels {
				d.Test.Labels[i] = (d.Test.Labels[i] + 1) % 3
			}
		}
		r, err := runToy(context.Background(), backend, c, d, outputTo(out))
		if err != nil {
			t.Fatal(err)
		}
		return hashOf(t, out, r.ID)
	}
	if a, b := weights(false), weights(true); a != b {
		t.Error("weights changed with the target's labels")
	}
}

// TestNaN: a loss that is not finite ends the run with advice, and every saved
// variable is finite.
func TestNaN(t *testing.T) {
	c := toydata.DigitsConfig(t, "bn", "source-only")
	c.Optimizer.LearningRate = 1e30
	c.Steps = 30
	env := outputTo(t.TempDir())
	env.SaveEvery = 1
	_, err := runToy(context.Background(), toydata.Backend(t), c, toydata.Digits(), env)
	if err == nil || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("error %v", err)
	}
	store := model.NewStore()
	defer store.Finalize()
	folder := filepath.Join(runDir(env.Out, toyIdentity(c, env).ID()), checkpointDir)
	if _, err := checkpoint.Read(folder, store, checkpoint.Latest, nil, nil); err != nil && !errors.Is(err, checkpoint.ErrNone) {
		t.Fatal(err)
	}
	for v := range store.IterVariables() {
		if value, bad := firstNotFinite(v.MustValue()); bad {
			t.Errorf("%s was saved with %v", v.Path(), value)
		}
	}
}

// TestBadInput: each error names what is wrong.
func TestBadInput(t *testing.T) {
	valid := toydata.DigitsConfig(t, "rn", "cdan-e")
	for name, c := range map[string]struct {
		edit func(*config.Config)
		want string
	}{
		"norm":       {func(c *config.Config) { c.Norm = "nope" }, `unknown norm "nope": want one of bn`},
		"objective":  {func(c *config.Config) { c.Objective = "nope" }, `unknown objective "nope"`},
		"source":     {func(c *config.Config) { c.Source = "svhn" }, `unknown domain of recipe digits "svhn"`},
		"same":       {func(c *config.Config) { c.Source = c.Target }, "source and target are both"},
		"steps":      {func(c *config.Config) { c.Steps = 0 }, "steps is 0"},
		"batch size": {func(c *config.Config) { c.BatchSize = 1 }, "at least two images"},
		"distance":   {func(c *config.Config) { c.NormOptions.Distance = "l7" }, `"l7"`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := valid
			c.edit(&bad)
			_, err := Run(context.Background(), bad, outputTo(t.TempDir()))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
	t.Run("output folder is a file", func(t *testing.T) {
		toydata.Backend(t)
		env := photosEnvironment(t, toydata.Photographs(t, 1))
		env.Out = filepath.Join(t.TempDir(), "file")
		toydata.WriteFile(t, env.Out, nil)
		c := toydata.PhotosConfig(t, config.FeaturesFinetuned, config.WeightsNone)
		if _, err := Run(context.Background(), c, env); err == nil || !strings.Contains(err.Error(), "output folder") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("two processes", func(t *testing.T) {
		out, id := t.TempDir(), toyIdentity(valid, environment.Environment{}).ID()
		first, err := openRunFolder(out, id)
		if err != nil {
			t.Fatal(err)
		}
		defer first.close()
		if _, err := openRunFolder(out, id); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("batch larger than the data", func(t *testing.T) {
		toydata.Backend(t)
		env := photosEnvironment(t, toydata.Photographs(t, 1))
		env.Preparing = func(what string, _, _ int) {
			if strings.Contains(what, "features") {
				t.Errorf("%s were computed", what)
			}
		}
		c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
		c.BatchSize = 64
		_, err := Run(context.Background(), c, env)
		errortest.Says(t, err, "summer has 3 training images, fewer than a batch of 64", "winter has 3")
		if entries, err := os.ReadDir(filepath.Join(env.Out, runsDir)); err != nil || len(entries) > 0 {
			t.Errorf("the run that could not start left %v, %v", entries, err)
		}
	})
}

// TestOneClass: photographs of a single class train with a warning.
func TestOneClass(t *testing.T) {
	toydata.Backend(t)
	env := photosEnvironment(t, toydata.Photographs(t, 3))
	for _, domain := range toydata.Domains {
		for _, class := range toydata.Classes[1:] {
			if err := os.RemoveAll(filepath.Join(env.Root, domain, class)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var warnings []error
	env.Warn = func(err error) { warnings = append(warnings, err) }
	c := toydata.PhotosConfig(t, config.FeaturesFinetuned, config.WeightsNone)
	c.Steps, c.BatchSize = 1, 2
	if _, err := Run(context.Background(), c, env); err != nil {
		t.Fatal(err)
	}
	errortest.OneLine(t, errors.Join(warnings...), fmt.Sprintf("the only class is %q", toydata.Classes[0]))
}

// TestRecordedIDs: a recorded result's id is the id of its identity, or of its
// configuration alone if it was recorded before identities named runs.
func TestRecordedIDs(t *testing.T) {
	results, err := record.Read("results/digits")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if identity, alone := r.Identity().ID(), r.Config.ID(); r.ID != identity && r.ID != alone {
			t.Errorf("%s → %s, %s, seed %d: recorded id %s, id of the identity %s, of the configuration %s", r.Source, r.Target, r.Norm, r.Seed, r.ID, identity, alone)
		}
	}
}
