package experiments

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestInterruptAndResume: an interrupted run continues to the weights and points of
// one that was left alone.
func TestInterruptAndResume(t *testing.T) {
	backend := toydata.Backend(t)
	c := toydata.DigitsConfig(t, "rn", "cdan-e")
	whole := t.TempDir()
	want, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(whole))
	if err != nil {
		t.Fatal(err)
	}
	env := outputTo(t.TempDir())
	ctx, progress := interruptAfter(4)
	env.Progress = progress
	_, err = runToy(ctx, backend, c, toydata.Digits(), env)
	if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "step 4 of 6") {
		t.Fatalf("interrupted run: %v", err)
	}
	env.Progress, env.Resume = nil, environment.ContinueOrRefuse
	got, err := runToy(context.Background(), backend, c, toydata.Digits(), env)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Points, want.Points) {
		t.Errorf("resumed points %+v, want %+v", got.Points, want.Points)
	}
	if a, b := hashOf(t, env.Out, got.ID), hashOf(t, whole, want.ID); a != b || got.StateSHA256 != want.StateSHA256 || got.StateSHA256 != a {
		t.Errorf("the variables' hash is %s, without the interruption %s; the results say %s and %s", a, b, got.StateSHA256, want.StateSHA256)
	}
}

// interrupting are examples that call a function when the first one is read.
type interrupting struct {
	loader.Examples
	first func()
}

func (e interrupting) Read(i int, draw *rand.Rand, dst []float32) error {
	if i == 0 {
		e.first()
	}
	return e.Examples.Read(i, draw, dst)
}

// TestInterruptedEvaluation: a run that is interrupted while it evaluates saves its
// step. Resumed, it begins with the evaluation and goes on to the weights and points
// of a run that was left alone, also if the evaluation estimates statistics anew.
func TestInterruptedEvaluation(t *testing.T) {
	backend := toydata.Backend(t)
	for _, norm := range []string{"rn", "adabn"} {
		for evaluation := 1; evaluation <= 2; evaluation++ {
			c := toydata.DigitsConfig(t, norm, "cdan-e")
			step := c.EvalEvery * evaluation
			data := toydata.Digits()
			data.Test = input.OfImages(toydata.Images("target", 600, 0.6, 2)) // more than a batch of tests
			want, err := runToy(t.Context(), backend, c, data, outputTo(t.TempDir()))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			begun := 0
			watched := data
			watched.Test.Examples = interrupting{data.Test.Examples, func() {
				if begun++; begun == evaluation {
					cancel()
				}
			}}
			env := outputTo(t.TempDir())
			_, err = runToy(ctx, backend, c, watched, env)
			if message := fmt.Sprintf("step %d of %d, before its evaluation", step, c.Steps); !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), message) {
				t.Fatalf("%s: error %v, want %q", norm, err, message)
			}
			if evaluation == 1 {
				if a, b := hashOf(t, env.Out, want.ID), hashAfter(t, backend, c, data, step); a != b {
					t.Errorf("%s: the step was saved as %s, without an evaluation it is %s", norm, a, b)
				}
			}
			env.Resume = environment.ContinueOrRefuse
			var first environment.Progress
			env.Progress = func(p environment.Progress) {
				if first.Step == 0 {
					first = p
				}
			}
			got, err := runToy(t.Context(), backend, c, data, env)
			if err != nil {
				t.Fatal(err)
			}
			if first.Step != step || !first.Evaluated || first.Point.Step != step {
				t.Errorf("%s: the resumed run begins with %+v, want the evaluation of step %d", norm, first, step)
			}
			if !reflect.DeepEqual(got.Points, want.Points) {
				t.Errorf("%s: resumed points %+v, want %+v", norm, got.Points, want.Points)
			}
			if got.StateSHA256 != want.StateSHA256 {
				t.Errorf("%s: the variables' hash is %s, without the interruption %s", norm, got.StateSHA256, want.StateSHA256)
			}
		}
	}
}

// hashAfter returns the hash of the variables that a run has saved when it was
// interrupted after a step without an evaluation.
func hashAfter(t *testing.T, backend compute.Backend, c config.Config, d input.Data, step int) string {
	t.Helper()
	c.EvalEvery = c.Steps
	ctx, progress := interruptAfter(step)
	env := outputTo(t.TempDir())
	env.Progress = progress
	if _, err := runToy(ctx, backend, c, d, env); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("interrupted run: %v", err)
	}
	return hashOf(t, env.Out, toyIdentity(c, env).ID())
}

// TestInterruptedBeforeFirstStep: the error does not speak of a checkpoint.
func TestInterruptedBeforeFirstStep(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := runToy(ctx, toydata.Backend(t), toydata.DigitsConfig(t, "bn", "source-only"), toydata.Digits(), outputTo(t.TempDir()))
	if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "before the first step: there is nothing to save") {
		t.Errorf("error %v", err)
	}
}

// TestRefuseOthers: ContinueOrRefuse refuses a half-finished run of the same
// configuration or of another length, and names what differs. It accepts the run
// itself, runs of other configurations, and finished runs.
func TestRefuseOthers(t *testing.T) {
	backend := toydata.Backend(t)
	c, env := toydata.DigitsConfig(t, "bn", "source-only"), outputTo(t.TempDir())
	env.Version = "a"
	ctx, progress := interruptAfter(2)
	env.Progress = progress
	if _, err := runToy(ctx, backend, c, toydata.Digits(), env); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("interrupted run: %v", err)
	}
	half := toyIdentity(c, env)
	for name, test := range map[string]struct {
		change func(*record.Identity)
		want   string // empty for a run that may begin
	}{
		"the run itself": {func(*record.Identity) {}, ""},
		"configuration":  {func(i *record.Identity) { i.Config.Seed = 7 }, ""},
		"steps":          {func(i *record.Identity) { i.Config.Steps = 60 }, "another configuration (steps=6, now steps=60)"},
		"evaluations":    {func(i *record.Identity) { i.Config.EvalEvery = 1 }, "another configuration (eval_every="},
		"steps and seed": {func(i *record.Identity) { i.Config.Steps, i.Config.Seed = 60, 7 }, ""},
		"data":           {func(i *record.Identity) { i.Digests = map[string]string{record.DigestSource: "others"} }, "another source data (toy, now others)"},
		"weights": {func(i *record.Identity) {
			i.Digests = map[string]string{record.DigestSource: "toy", record.DigestWeights: "w"}
		}, "another pretrained weights (unknown, now w)"},
		"version": {func(i *record.Identity) { i.Version = "b" }, "another code version (a, now b)"},
		"backend": {func(i *record.Identity) { i.Backend = "cuda" }, "another backend (cpu, now cuda)"},
		"devices": {func(i *record.Identity) { i.Devices = 2 }, "another devices (1, now 2)"},
		"two parts": {func(i *record.Identity) { i.Version, i.Backend = "b", "cuda" },
			"another code version (a, now b); another backend (cpu, now cuda)"},
	} {
		wanted := half
		test.change(&wanted)
		err := refuseOthers(env.Out, wanted)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), runDir(env.Out, half.ID()))):
			t.Errorf("%s: error %v, want it to say %q and to name the folder", name, err, test.want)
		}
	}

	env.Progress, env.Resume = nil, environment.ContinueSame
	r, err := runToy(context.Background(), backend, c, toydata.Digits(), env)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Append(env.Out); err != nil {
		t.Fatal(err)
	}
	wanted := half
	wanted.Version = "b"
	if err := refuseOthers(env.Out, wanted); err != nil {
		t.Errorf("the other run is finished: %v", err)
	}
}

// TestMovedCheckpoint: a checkpoint in the folder of another run is refused.
func TestMovedCheckpoint(t *testing.T) {
	backend := toydata.Backend(t)
	c, env := toydata.DigitsConfig(t, "bn", "source-only"), outputTo(t.TempDir())
	c.Steps = 3
	r, err := runToy(context.Background(), backend, c, toydata.Digits(), env)
	if err != nil {
		t.Fatal(err)
	}
	other := c
	other.Seed = 1
	if err := os.Rename(runDir(env.Out, r.ID), runDir(env.Out, toyIdentity(other, env).ID())); err != nil {
		t.Fatal(err)
	}
	env.Resume = environment.ContinueOrRefuse
	_, err = runToy(context.Background(), backend, other, toydata.Digits(), env)
	if err == nil || !strings.Contains(err.Error(), "another configuration (seed=0, now seed=1)") {
		t.Errorf("error %v", err)
	}
}

// photosRun is a run of four steps on frozen features, with photographs and a cache
// of its own.
func photosRun(t *testing.T) (config.Config, environment.Environment) {
	t.Helper()
	toydata.Backend(t)
	toydata.OwnCache(t)
	env := photosEnvironment(t, toydata.Photographs(t, 2))
	env.Version = "a"
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
	c.Steps, c.EvalEvery = 4, 4
	return c, env
}

// replaceWinter gives the photographs of winter other pixels under the same names.
func replaceWinter(t *testing.T, root string, seed uint64) {
	t.Helper()
	other := t.TempDir()
	if err := toydata.WritePhotographs(other, 2, seed); err != nil {
		t.Fatal(err)
	}
	winter := filepath.Join(root, toydata.Domains[1])
	if err := os.RemoveAll(winter); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(other, toydata.Domains[1]), winter); err != nil {
		t.Fatal(err)
	}
}

// mustRun runs to the end and returns the first step that was trained.
func mustRun(t *testing.T, c config.Config, env environment.Environment) (r record.Result, first int) {
	t.Helper()
	env.Progress = func(p environment.Progress) {
		if first == 0 {
			first = p.Step
		}
	}
	r, err := Run(context.Background(), c, env)
	if err != nil {
		t.Fatal(err)
	}
	return r, first
}

// mustInterrupt runs two steps.
func mustInterrupt(t *testing.T, c config.Config, env environment.Environment) {
	t.Helper()
	ctx, progress := interruptAfter(2)
	env.Progress = progress
	if _, err := Run(ctx, c, env); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("interrupted run: %v", err)
	}
}

// TestOtherPhotographs: other photographs under the same names make another run,
// whose result stands beside the first one's.
func TestOtherPhotographs(t *testing.T) {
	c, env := photosRun(t)
	one, _ := mustRun(t, c, env)
	before := hashOf(t, env.Out, one.ID)
	replaceWinter(t, env.Root, 2)
	two, _ := mustRun(t, c, env)
	if one.ID == two.ID || one.Config.ID() != two.Config.ID() {
		t.Errorf("ids %s and %s, of configurations %s and %s", one.ID, two.ID, one.Config.ID(), two.Config.ID())
	}
	for digest, changed := range map[string]bool{record.DigestSource: false, record.DigestTarget: true, record.DigestTest: true, record.DigestWeights: false} {
		if a, b := one.Digests[digest], two.Digests[digest]; a == "" || (a != b) != changed {
			t.Errorf("digest %s is %q, then %q", digest, a, b)
		}
	}
	results, err := record.Read(env.Out)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 2 || results[0].ID != one.ID || results[1].ID != two.ID {
		t.Errorf("%d results, want %s and %s", len(results), one.ID, two.ID)
	}
	if got := hashOf(t, env.Out, one.ID); got != before {
		t.Errorf("the first run's variables changed from %s to %s", before, got)
	}
	if one.StateSHA256 == two.StateSHA256 {
		t.Error("other photographs gave the same variables")
	}
}

// TestOtherDataOnResume: a half-finished run is not continued on other photographs.
// ContinueOrRefuse names what differs; ContinueSame begins another run, and the
// half-finished one still continues when its photographs are back.
func TestOtherDataOnResume(t *testing.T) {
	c, env := photosRun(t)
	mustInterrupt(t, c, env)
	replaceWinter(t, env.Root, 2)
	env.Resume = environment.ContinueOrRefuse
	_, err := Run(context.Background(), c, env)
	if err == nil || !strings.Contains(err.Error(), "another target data (") || !strings.Contains(err.Error(), "another test data (") || strings.Contains(err.Error(), "source data") {
		t.Errorf("error %v", err)
	}
	if _, err := record.Read(env.Out); err == nil {
		t.Error("the refused run has a result")
	}
	env.Resume = environment.ContinueSame
	other, first := mustRun(t, c, env)
	if first != 1 {
		t.Errorf("on other photographs the run begins with step %d", first)
	}
	replaceWinter(t, env.Root, 1)
	env.Resume = environment.ContinueOrRefuse
	same, first := mustRun(t, c, env)
	if first != 3 || same.ID == other.ID {
		t.Errorf("on its own photographs run %s continues with step %d, want 3; the other run is %s", same.ID, first, other.ID)
	}
	fresh := env
	fresh.Out, fresh.Resume = t.TempDir(), environment.StartAnew
	if want, _ := mustRun(t, c, fresh); want.StateSHA256 != same.StateSHA256 {
		t.Errorf("the continued run ends in %s, an uninterrupted one in %s", same.StateSHA256, want.StateSHA256)
	}
}

// TestOtherVersionOnResume: a half-finished run of one version of the code is not
// continued under another.
func TestOtherVersionOnResume(t *testing.T) {
	c, env := photosRun(t)
	mustInterrupt(t, c, env)
	env.Version, env.Resume = "b", environment.ContinueOrRefuse
	if _, err := Run(context.Background(), c, env); err == nil || !strings.Contains(err.Error(), "another code version (a, now b)") {
		t.Errorf("error %v", err)
	}
	env.Resume = environment.ContinueSame
	r, first := mustRun(t, c, env)
	if first != 1 || r.GitCommit != "b" {
		t.Errorf("version %s begins with step %d", r.GitCommit, first)
	}
	env.Version = "a"
	if _, first := mustRun(t, c, env); first != 3 {
		t.Errorf("version a continues with step %d, want 3", first)
	}
}

// TestIdentifier: the identity that is found before a run is the identity of its
// result, and names the folder and the line of the result.
func TestIdentifier(t *testing.T) {
	c, env := photosRun(t)
	identifier, err := NewIdentifier(env)
	if err != nil {
		t.Fatal(err)
	}
	id, err := identifier.Identity(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := mustRun(t, c, env)
	if different := id.Differences(r.Identity()); len(different) > 0 || r.ID != id.ID() || r.Identity().ID() != id.ID() {
		t.Errorf("the run's id is %s, of its identity %s, before the run %s; differences %q", r.ID, r.Identity().ID(), id.ID(), different)
	}
	if !HasCheckpoints(env.Out, id.ID()) {
		t.Errorf("no checkpoints of run %s", id.ID())
	}
	c.Target = "autumn"
	if _, err := identifier.Identity(context.Background(), c); err == nil || !strings.Contains(err.Error(), "autumn") {
		t.Errorf("a domain that is missing: error %v", err)
	}
}
