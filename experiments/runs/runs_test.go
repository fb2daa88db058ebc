package runs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// fake stands in for training: data, version and backend as a test sets them.
type fake struct {
	mu               sync.Mutex
	ran              []string
	data             string
	version, backend string
	devices          int
}

func newFake() *fake { return &fake{data: "A", version: "v1", backend: "cpu", devices: 1} }

func (f *fake) identity(_ context.Context, c config.Config) (record.Identity, error) {
	return record.Identity{Config: c, Digests: map[string]string{record.DigestTest: f.data}, Version: f.version, Backend: f.backend, Devices: f.devices}, nil
}

func (f *fake) run(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
	f.mu.Lock()
	f.ran = append(f.ran, fmt.Sprintf("%s %d", c.Norm, c.Seed))
	f.mu.Unlock()
	id, _ := f.identity(ctx, c)
	r := record.Result{
		ID: id.ID(), Time: time.Now(), Norm: c.Norm, Seed: c.Seed, Config: c, Digests: id.Digests, GitCommit: id.Version,
		Platform: platform.Info{Backend: "xla", Plugin: id.Backend}, Devices: id.Devices,
		Points: []record.Point{{Step: c.Steps, Target: score.Evaluation{Accuracy: 0.5}}},
	}
	for step := 1; step <= c.Steps; step++ {
		if ctx.Err() != nil {
			return record.Result{}, fmt.Errorf("%w after step %d", experiments.ErrInterrupted, step-1)
		}
		env.Progress(environment.Progress{Config: c, Step: step})
	}
	if env.Record != nil {
		return r, env.Record(r)
	}
	return r, r.Append(env.Out)
}

// options make runs that the fake does.
func (f *fake) options(out string) Options {
	return Options{Environment: environment.Environment{Output: environment.Output{Out: out, Version: f.version}}, Run: f.run, Identity: f.identity}
}

// twoNorms are four short jobs.
func twoNorms(t *testing.T) []Job {
	t.Helper()
	var jobs []Job
	for seed := range 2 {
		for _, norm := range []string{"bn", "rn"} {
			c, err := config.Default("digits")
			if err != nil {
				t.Fatal(err)
			}
			c.Norm, c.Seed, c.Steps = norm, int64(seed), 4
			jobs = append(jobs, Job{Name: fmt.Sprintf("%s, seed %d", norm, seed), Config: c})
		}
	}
	return jobs
}

// TestReuse: a stored run counts only for the same data, code, backend, devices and
// configuration; --any-version leaves the code aside and nothing else.
func TestReuse(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(f *fake, jobs []Job)
		anyVersion bool
		runs       int // of the second call
	}{
		"the same":                        {func(*fake, []Job) {}, false, 0},
		"other data":                      {func(f *fake, _ []Job) { f.data = "B" }, false, 4},
		"other data, any version":         {func(f *fake, _ []Job) { f.data = "B" }, true, 4},
		"another version":                 {func(f *fake, _ []Job) { f.version = "v2" }, false, 4},
		"another version, any version":    {func(f *fake, _ []Job) { f.version = "v2" }, true, 0},
		"CUDA":                            {func(f *fake, _ []Job) { f.backend = "cuda" }, true, 4},
		"two devices":                     {func(f *fake, _ []Job) { f.devices = 2 }, true, 4},
		"one job with other steps":        {func(_ *fake, jobs []Job) { jobs[1].Config.Steps = 5 }, true, 1},
		"version and data, any version":   {func(f *fake, _ []Job) { f.version, f.data = "v2", "B" }, true, 4},
		"version and steps, any version":  {func(f *fake, jobs []Job) { f.version, jobs[0].Config.Steps = "v2", 5 }, true, 1},
		"another version, then the first": {func(*fake, []Job) {}, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			out, f := t.TempDir(), newFake()
			if _, err := Do(t.Context(), twoNorms(t), f.options(out)); err != nil || len(f.ran) != 4 {
				t.Fatalf("ran %v, error %v", f.ran, err)
			}
			jobs := twoNorms(t)
			test.change(f, jobs)
			f.ran = nil
			o := f.options(out)
			o.AnyVersion = test.anyVersion
			results, err := Do(t.Context(), jobs, o)
			if err != nil || len(f.ran) != test.runs {
				t.Errorf("ran %v, error %v, want %d runs", f.ran, err, test.runs)
			}
			for i, r := range results {
				if r.Norm != jobs[i].Config.Norm || r.Seed != jobs[i].Config.Seed || r.Digests[record.DigestTest] != f.data {
					t.Errorf("result %d is of %s, seed %d, data %v", i, r.Norm, r.Seed, r.Digests)
				}
			}
			if note := VersionNote(results, f.version); (note != "") != (test.anyVersion && f.version == "v2" && test.runs < 4) {
				t.Errorf("version note %q", note)
			}
		})
	}
}

// TestEqualJobs: equal jobs are one run, also if two are done at a time.
func TestEqualJobs(t *testing.T) {
	f := newFake()
	o := f.options(t.TempDir())
	o.Parallel = 2
	results, err := Do(t.Context(), append(twoNorms(t), twoNorms(t)...), o)
	if err != nil || len(f.ran) != 4 || len(results) != 8 {
		t.Fatalf("ran %v, %d results, error %v", f.ran, len(results), err)
	}
	for i, r := range results {
		if r.ID == "" || r.ID != results[(i+4)%8].ID {
			t.Errorf("result %d is of run %q, its equal of %q", i, r.ID, results[(i+4)%8].ID)
		}
	}
}

// TestVersionNote: the note names the other versions and how many runs they made.
func TestVersionNote(t *testing.T) {
	results := []record.Result{{GitCommit: "v1"}, {GitCommit: "v2"}, {GitCommit: "v1"}}
	want := "Made by another version of the code than v2: 2 of 3 runs by code v1."
	if got := VersionNote(results, "v2"); got != want {
		t.Errorf("note %q, want %q", got, want)
	}
}

// TestDamagedLine: a half-written line is told, and its run done again.
func TestDamagedLine(t *testing.T) {
	out, f := t.TempDir(), newFake()
	if _, err := Do(t.Context(), twoNorms(t), f.options(out)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(out, record.ResultsFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-30], 0o644); err != nil { // killed while it wrote
		t.Fatal(err)
	}
	var warned error
	o := f.options(out)
	o.Warn = func(err error) { warned = errors.Join(warned, err) }
	f.ran = nil
	if _, err := Do(t.Context(), twoNorms(t), o); err != nil || len(f.ran) != 1 || f.ran[0] != "rn 1" {
		t.Errorf("ran %v, error %v", f.ran, err)
	}
	if warned == nil || !strings.Contains(warned.Error(), path+", line 4 is skipped") {
		t.Errorf("warning %v", warned)
	}
}

// TestInterrupted: cancelled jobs end after the current step, and the next call does
// what is missing.
func TestInterrupted(t *testing.T) {
	out, f := t.TempDir(), newFake()
	ctx, cancel := context.WithCancel(t.Context())
	o := f.options(out)
	o.Progress = func(p Progress) {
		if p.Done == 1 && p.Step.Step == 2 {
			cancel()
		}
	}
	_, err := Do(ctx, twoNorms(t), o)
	if !errors.Is(err, experiments.ErrInterrupted) || !strings.Contains(err.Error(), "3 of 4 runs to do") {
		t.Fatalf("error %v", err)
	}
	var last Progress
	o.Progress = func(p Progress) { last = p }
	if _, err := Do(t.Context(), twoNorms(t), o); err != nil {
		t.Fatal(err)
	}
	if last.Reused != 1 || last.Done != 3 || last.StepsDone != last.Steps || last.Steps != 12 || last.Left != 0 {
		t.Errorf("progress %+v", last)
	}
}

// TestFailures: a run that fails in training is told and the others go on; one that
// cannot begin ends all.
func TestFailures(t *testing.T) {
	f := newFake()
	o := f.options(t.TempDir())
	diverged := errors.New("the loss is not finite")
	o.Run = func(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
		if c.Norm == "bn" {
			env.Progress(environment.Progress{Config: c, Step: 1})
			return record.Result{}, diverged
		}
		return f.run(ctx, c, env)
	}
	var warnings []string
	o.Warn = func(err error) { warnings = append(warnings, err.Error()) }
	_, err := Do(t.Context(), twoNorms(t), o)
	if !errors.Is(err, diverged) || !strings.Contains(err.Error(), "2 of 4 runs failed: bn, seed 0: ") || len(warnings) != 2 || len(f.ran) != 2 {
		t.Errorf("error %v, warnings %q, ran %v", err, warnings, f.ran)
	}
	o = f.options(t.TempDir())
	o.Parallel = 2
	calls, mu := 0, sync.Mutex{}
	o.Run = func(ctx context.Context, c config.Config, _ environment.Environment) (record.Result, error) {
		mu.Lock()
		calls++
		mu.Unlock()
		if c.Norm == "bn" {
			return record.Result{}, errors.New("no such dataset")
		}
		<-ctx.Done() // interrupted by the other's failure
		return record.Result{}, experiments.ErrInterrupted
	}
	if _, err := Do(t.Context(), twoNorms(t), o); err == nil || err.Error() != "bn, seed 0: no such dataset" || calls > 2 {
		t.Errorf("error %v after %d runs", err, calls)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Do(t.Context(), twoNorms(t), f.options(file)); err == nil || !strings.Contains(err.Error(), "output folder") {
		t.Errorf("error %v", err)
	}
}
