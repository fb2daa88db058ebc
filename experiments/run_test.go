package experiments

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/experiments/xla/cache"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestMain has XLA compile fast rather than well: these tests compile far more
// than they compute.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if out := os.Getenv(killOut); out != "" {
		if err := trainToEnd(out); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// newBackend opens XLA on the CPU: the pure Go backend has no gradient of the
// max-pool. `make setup` installs it.
func newBackend(t *testing.T) compute.Backend {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// toyDigits are images of two-valued noise around a bright column at the
// label's place; brightness shifts the domain.
func toyDigits(name string, n int, brightness float32, seed uint64) *digits.Images {
	rng := rand.New(rand.NewPCG(seed, 0))
	im := &digits.Images{Name: name, Height: 28, Width: 28, Channels: 1, Classes: []string{"0", "1", "2"}}
	for i := range n {
		label := i % len(im.Classes)
		im.Labels = append(im.Labels, int32(label))
		for p := range 28 * 28 {
			v := 0.2 * rng.Float32() * brightness
			if p%28/7 == label {
				v += 0.5 * brightness
			}
			im.Pixels = append(im.Pixels, v)
		}
	}
	return im
}

func toyData() data {
	return data{
		source: setOf(toyDigits("source", 40, 1, 1)), target: setOf(toyDigits("target", 40, 0.6, 2).WithoutLabels()), test: setOf(toyDigits("test", 30, 0.6, 3)),
		digests: map[string]string{"source": "toy"},
	}
}

// toyConfig is a run of seconds.
func toyConfig(t *testing.T, norm, goal string) config.Config {
	t.Helper()
	c, err := config.Default("digits")
	if err != nil {
		t.Fatal(err)
	}
	c.Norm, c.Objective, c.Steps, c.EvalEvery, c.BatchSize, c.TrainLimit = norm, goal, 6, 3, 8, 0
	c.ObjectiveOptions.DiscriminatorHidden = 16
	return c
}

// runToy trains on data in a folder.
func runToy(ctx context.Context, backend compute.Backend, c config.Config, d data, env environment.Environment) (record.Result, error) {
	folder, err := openRunFolder(env.Out, c.ID())
	if err != nil {
		return record.Result{}, err
	}
	defer folder.close()
	return train(ctx, c, env, backend, d, pretrained{}, folder)
}

// hashOf is that of the variables that a run left.
func hashOf(t *testing.T, out string, c config.Config) string {
	t.Helper()
	store := model.NewStore()
	if _, err := checkpoint.Read(filepath.Join(RunDir(out, c.ID()), checkpointDir), store, checkpoint.Latest, nil); err != nil {
		t.Fatal(err)
	}
	if n := variableCount(store); n < 10 {
		t.Fatalf("%d variables", n)
	}
	hash, err := checkpoint.Hash(store)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// TestEveryNormAndObjective: every norm and every objective trains, each once:
// the objective's graph is the same under every norm.
func TestEveryNormAndObjective(t *testing.T) {
	backend := newBackend(t)
	norms, goals := rnlayer.All(), objective.All()
	for i := range max(len(norms), len(goals)) {
		norm, goal := norms[i%len(norms)], goals[i%len(goals)]
		t.Run(norm.Name+" "+goal.Name, func(t *testing.T) {
			c := toyConfig(t, norm.Name, goal.Name)
			c.Steps = 3
			r, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: t.TempDir()}})
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Points) != 1 || r.Points[0].Step != 3 {
				t.Errorf("points %+v", r.Points)
			}
		})
	}
}

// TestLearns: RN with CDAN+E classifies the shifted toy domain.
func TestLearns(t *testing.T) {
	c := toyConfig(t, "rn", "cdan-e")
	c.Steps, c.EvalEvery = 40, 40
	r, err := runToy(context.Background(), newBackend(t), c, toyData(), environment.Environment{Output: environment.Output{Out: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
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
	c := toyConfig(t, "rn", "cdan-e")
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
			got, err := runToy(t.Context(), newBackend(t), c, toyData(), environment.Environment{Compute: environment.Compute{Devices: devices}, Output: environment.Output{Out: t.TempDir()}})
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

// TestTargetLabelsDoNotReachTraining scrambles the target's labels: the weights
// must be the same.
func TestTargetLabelsDoNotReachTraining(t *testing.T) {
	backend := newBackend(t)
	c := toyConfig(t, "rn", "cdan-e")
	weights := func(scramble bool) string {
		d, out := toyData(), t.TempDir()
		d.target = setOf(toyDigits("target", 40, 0.6, 2)) // with labels, in case anything looks
		if scramble {
			for i := range d.target.labels {
				d.target.labels[i] = (d.target.labels[i] + 1 + int32(i%2)) % 3
			}
			for i := range d.test.labels {
				d.test.labels[i] = (d.test.labels[i] + 1) % 3
			}
		}
		if _, err := runToy(context.Background(), backend, c, d, environment.Environment{Output: environment.Output{Out: out}}); err != nil {
			t.Fatal(err)
		}
		return hashOf(t, out, c)
	}
	if a, b := weights(false), weights(true); a != b {
		t.Error("weights changed with the target's labels")
	}
}

// TestInterruptAndResume ends a run after a step and continues it: the same
// weights and points as without the interruption.
func TestInterruptAndResume(t *testing.T) {
	backend := newBackend(t)
	c := toyConfig(t, "rn", "cdan-e")
	whole := t.TempDir()
	want, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: whole}})
	if err != nil {
		t.Fatal(err)
	}
	parts := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	_, err = runToy(ctx, backend, c, toyData(), environment.Environment{Output: environment.Output{Out: parts}, Reporter: environment.Reporter{Progress: func(p environment.Progress) {
		if p.Step == 4 {
			cancel()
		}
	}}})
	if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "step 4 of 6") {
		t.Fatalf("interrupted run: %v", err)
	}
	got, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: parts, Resume: environment.ContinueOrRefuse}})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Points, want.Points) {
		t.Errorf("resumed points %+v, want %+v", got.Points, want.Points)
	}
	if a, b := hashOf(t, parts, c), hashOf(t, whole, c); a != b || got.StateSHA256 != want.StateSHA256 || got.StateSHA256 != a {
		t.Errorf("the variables' hash is %s, without the interruption %s; the results say %s and %s", a, b, got.StateSHA256, want.StateSHA256)
	}
}

// TestOtherDataOnResume: a run is not continued on other data.
func TestOtherDataOnResume(t *testing.T) {
	backend := newBackend(t)
	c, out := toyConfig(t, "bn", "source-only"), t.TempDir()
	c.Steps = 3
	if _, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: out}}); err != nil {
		t.Fatal(err)
	}
	other := toyData()
	other.digests = map[string]string{"source": "other"}
	_, err := runToy(context.Background(), backend, c, other, environment.Environment{Output: environment.Output{Out: out, Resume: environment.ContinueOrRefuse}})
	if err == nil || !strings.Contains(err.Error(), "its source is not what it was") || !strings.Contains(err.Error(), out) {
		t.Errorf("error %v", err)
	}
}

// TestOtherConfigOnResume: a checkpoint that was put into another run's folder
// is not continued.
func TestOtherConfigOnResume(t *testing.T) {
	backend := newBackend(t)
	c, out := toyConfig(t, "bn", "source-only"), t.TempDir()
	c.Steps = 3
	if _, err := runToy(context.Background(), backend, c, toyData(), environment.Environment{Output: environment.Output{Out: out}}); err != nil {
		t.Fatal(err)
	}
	other := c
	other.Seed = 1
	if err := os.Rename(RunDir(out, c.ID()), RunDir(out, other.ID())); err != nil {
		t.Fatal(err)
	}
	_, err := runToy(context.Background(), backend, other, toyData(), environment.Environment{Output: environment.Output{Out: out, Resume: environment.ContinueOrRefuse}})
	if err == nil || !strings.Contains(err.Error(), "another configuration") {
		t.Errorf("error %v", err)
	}
}

// TestNaN: a loss that is not finite ends the run with advice.
func TestNaN(t *testing.T) {
	c := toyConfig(t, "bn", "source-only")
	c.Optimizer.LearningRate = 1e30
	c.Steps = 30
	out := t.TempDir()
	_, err := runToy(context.Background(), newBackend(t), c, toyData(), environment.Environment{Output: environment.Output{Out: out, SaveEvery: 1}})
	if err == nil || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("error %v", err)
	}
	store := model.NewStore() // what was saved is finite
	if _, err := checkpoint.Read(filepath.Join(RunDir(out, c.ID()), checkpointDir), store, checkpoint.Latest, nil); err != nil && !errors.Is(err, checkpoint.ErrNone) {
		t.Fatal(err)
	}
	for v := range store.IterVariables() {
		if value, bad := firstNotFinite(v.MustValue()); bad {
			t.Errorf("%s was saved with %v", v.Path(), value)
		}
	}
}

// TestBadInput: each is refused with its name.
func TestBadInput(t *testing.T) {
	valid := toyConfig(t, "rn", "cdan-e")
	for name, c := range map[string]struct {
		edit func(*config.Config)
		want string
	}{
		"norm":       {func(c *config.Config) { c.Norm = "nope" }, `unknown norm "nope": want one of bn`},
		"objective":  {func(c *config.Config) { c.Objective = "nope" }, `unknown objective "nope"`},
		"source":     {func(c *config.Config) { c.Source = "svhn" }, `unknown domain "svhn"`},
		"same":       {func(c *config.Config) { c.Source = c.Target }, "source and target are both"},
		"steps":      {func(c *config.Config) { c.Steps = 0 }, "steps is 0"},
		"batch size": {func(c *config.Config) { c.BatchSize = 1 }, "at least two images"},
		"distance":   {func(c *config.Config) { c.NormOptions.Distance = "l7" }, `"l7"`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := valid
			c.edit(&bad)
			_, err := Run(context.Background(), bad, environment.Environment{Output: environment.Output{Out: t.TempDir()}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
	t.Run("output folder is a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), valid, environment.Environment{Output: environment.Output{Out: file}}); err == nil || !strings.Contains(err.Error(), "output folder") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("two processes", func(t *testing.T) {
		out := t.TempDir()
		first, err := openRunFolder(out, valid.ID())
		if err != nil {
			t.Fatal(err)
		}
		defer first.close()
		if _, err := openRunFolder(out, valid.ID()); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("batch larger than the data", func(t *testing.T) {
		big, out := valid, t.TempDir()
		big.BatchSize = 64
		earlier := filepath.Join(RunDir(out, big.ID()), checkpointDir, "earlier")
		if err := errors.Join(os.MkdirAll(filepath.Dir(earlier), 0o755), os.WriteFile(earlier, []byte("{}"), 0o644)); err != nil {
			t.Fatal(err)
		}
		if _, err := runToy(context.Background(), nil, big, toyData(), environment.Environment{Output: environment.Output{Out: out}}); err == nil || !strings.Contains(err.Error(), "64") {
			t.Errorf("error %v", err)
		}
		if _, err := os.Stat(earlier); err != nil {
			t.Errorf("a run that could not start removed an earlier one: %v", err)
		}
	})
}
