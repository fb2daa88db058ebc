package ablations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/score"
)

// fakeRun stands in for experiments.Run: figures that a hash of the configuration
// decides, and as many reports as steps.
func fakeRun(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
	var id [2]byte
	if _, err := fmt.Sscanf(c.ID(), "%2x%2x", &id[0], &id[1]); err != nil {
		return record.Result{}, err
	}
	r := record.Result{
		ID: c.RunID(env.Version), Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective,
		Seed: c.Seed, Steps: c.Steps, Seconds: float64(id[1]), Config: c, GitCommit: env.Version,
	}
	for i := range 3 {
		a := float64(id[0]) / 256 * float64(3-i) / 3
		r.Points = append(r.Points, record.Point{Step: i + 1, Target: score.Evaluation{
			Accuracy: a, MeanRecall: a / 2, InfoMax: float64(i), Entropy: float64(3 - i), SND: float64(5 - (i-1)*(i-1)),
		}})
	}
	for step := 1; step <= c.Steps; step++ {
		if ctx.Err() != nil {
			return record.Result{}, fmt.Errorf("%w after step %d", experiments.ErrInterrupted, step-1)
		}
		env.Progress(environment.Progress{Config: c, Step: step})
	}
	return r, env.Record(r)
}

// testPlan is a plan of twelve short runs.
func testPlan(t *testing.T) Plan {
	t.Helper()
	s, err := Lookup("components")
	if err != nil {
		t.Fatal(err)
	}
	c := digits(t)
	c.Steps = 4
	plan, err := s.Plan(c, 2)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// testOptions run nothing real.
func testOptions(out string) Options {
	return Options{Environment: environment.Environment{Output: environment.Output{Out: out}}, Version: "v1", run: fakeRun}
}

// read reads and merges a folder.
func read(t *testing.T, dir string) []Record {
	t.Helper()
	records, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if records, err = Merge(records); err != nil {
		t.Fatal(err)
	}
	return records
}

// write is every format of a folder's tables.
func write(t *testing.T, records []Record) string {
	t.Helper()
	tables, err := Tables(records, Selection{})
	if err != nil {
		t.Fatal(err)
	}
	last, err := record.LookupChoice("last")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range Formats() {
		if err := f.Write(&out, tables, last); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// TestShardAndMerge: three shards, in a folder each and with a copy of a file
// too many, make the table that one process makes.
func TestShardAndMerge(t *testing.T) {
	plan := testPlan(t)
	whole, merged := t.TempDir(), t.TempDir()
	if err := plan.Run(context.Background(), testOptions(whole)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		o := testOptions(t.TempDir())
		o.Shard, o.Jobs = Shard{i + 1, 3}, 2
		if err := plan.Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(o.Environment.Out, fmt.Sprintf("results-%d-of-3.jsonl", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(data, []byte("\n")); n != 4 {
			t.Errorf("shard %d has %d runs", i+1, n)
		}
		for _, name := range []string{fmt.Sprintf("results-%d-of-3.jsonl", i+1), fmt.Sprintf("results-copy-%d.jsonl", i)} {
			if err := os.WriteFile(filepath.Join(merged, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(read(t, merged)); n != 12 {
		t.Fatalf("%d runs after merging", n)
	}
	want := write(t, read(t, whole))
	if got := write(t, read(t, merged)); got != want {
		t.Errorf("merged:\n%s\nof one process:\n%s", got, want)
	}
	if len(strings.Split(want, "rc-only-0.5")) < 10 {
		t.Errorf("tables without their rows:\n%s", want)
	}
}

// TestMissingOnly: what is there is not repeated, a half-written line is; runs of
// the same configuration count whatever suite they were run as.
func TestMissingOnly(t *testing.T) {
	plan, out := testPlan(t), t.TempDir()
	var ran []string
	o := testOptions(out)
	o.run = func(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
		ran = append(ran, fmt.Sprintf("%s %d", c.Norm, c.Seed))
		return fakeRun(ctx, c, env)
	}
	if err := plan.Run(context.Background(), o); err != nil || len(ran) != 12 {
		t.Fatalf("%d runs, error %v", len(ran), err)
	}
	if !slices.IsSorted([]string{ran[0][len(ran[0])-1:], ran[6][len(ran[6])-1:]}) || ran[0] != "bn 0" || ran[6] != "bn 1" {
		t.Errorf("not seed by seed: %v", ran)
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
	o.Warn = func(err error) { warned = errors.Join(warned, err) }
	ran = nil
	if err := plan.Run(context.Background(), o); err != nil || len(ran) != 1 || ran[0] != "rn 1" {
		t.Errorf("ran %v, error %v", ran, err)
	}
	if warned == nil || !strings.Contains(warned.Error(), path+", line 12 is not a result") {
		t.Errorf("warning %v", warned)
	}
	norms, err := Lookup("norms")
	if err != nil {
		t.Fatal(err)
	}
	other, err := norms.Plan(plan.Base, 2, "bn", "ds", "dsbn", "rn")
	if err != nil {
		t.Fatal(err)
	}
	ran = nil
	if err := other.Run(context.Background(), o); err != nil || len(ran) != 2 {
		t.Errorf("ran %v, error %v", ran, err)
	}
	records, _ := Read(out)
	tables, err := Tables(records, Selection{Suite: "norms"})
	if err != nil || len(tables) != 1 || len(tables[0].Rows) < 4 {
		t.Errorf("tables %+v, error %v", tables, err)
	}
}

// TestInterrupted: a cancelled suite ends after the steps at hand, and goes on
// with what it lacks.
func TestInterrupted(t *testing.T) {
	plan, out := testPlan(t), t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	o := testOptions(out)
	o.Progress = func(p Progress) {
		if p.Done == 3 && p.Step.Step == 2 {
			cancel()
		}
	}
	err := plan.Run(ctx, o)
	if !errors.Is(err, experiments.ErrInterrupted) || !strings.Contains(err.Error(), "9 of 12 runs to do") {
		t.Fatalf("error %v", err)
	}
	if n := len(read(t, out)); n != 3 {
		t.Errorf("%d results", n)
	}
	var last Progress
	o.Progress = func(p Progress) { last = p }
	if err := plan.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if len(read(t, out)) != 12 || last.Had != 3 || last.Done != 9 || last.StepsDone != last.Steps || last.Steps != 36 || last.Left != 0 {
		t.Errorf("%d results, progress %+v", len(read(t, out)), last)
	}
}

// TestFailures: a run that fails in training is told and the others go on; one
// that cannot begin ends the suite.
func TestFailures(t *testing.T) {
	plan := testPlan(t)
	o := testOptions(t.TempDir())
	diverged := errors.New("the loss is not finite")
	o.run = func(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
		if c.Norm == "ds" {
			env.Progress(environment.Progress{Config: c, Step: 1})
			return record.Result{}, diverged
		}
		return fakeRun(ctx, c, env)
	}
	var warnings []string
	o.Warn = func(err error) { warnings = append(warnings, err.Error()) }
	err := plan.Run(context.Background(), o)
	if !errors.Is(err, diverged) || !strings.Contains(err.Error(), "2 of 12 runs failed: ds, seed 0: ") || len(warnings) != 2 || len(read(t, o.Environment.Out)) != 10 {
		t.Errorf("error %v, warnings %q", err, warnings)
	}
	o = testOptions(t.TempDir())
	o.Jobs = 2
	calls, mu := 0, sync.Mutex{}
	o.run = func(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
		mu.Lock()
		calls++
		mu.Unlock()
		if c.Norm == "bn" {
			return record.Result{}, errors.New("no such dataset")
		}
		<-ctx.Done() // interrupted by the other's failure
		return record.Result{}, experiments.ErrInterrupted
	}
	if err := plan.Run(context.Background(), o); err == nil || err.Error() != "bn, seed 0: no such dataset" || calls > 2 {
		t.Errorf("error %v after %d runs", err, calls)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := plan.Run(context.Background(), testOptions(file)); err == nil || !strings.Contains(err.Error(), "output folder") {
		t.Errorf("error %v", err)
	}
}

// TestOtherVersion: results of another version of the code are refused, taken,
// or made anew, as is asked for.
func TestOtherVersion(t *testing.T) {
	plan, out := testPlan(t), t.TempDir()
	if err := plan.Run(context.Background(), testOptions(out)); err != nil {
		t.Fatal(err)
	}
	o := testOptions(out)
	o.Version = "v2"
	err := plan.Run(context.Background(), o)
	var other OtherVersionError
	if !errors.As(err, &other) || other.Runs["v1"] != 12 || !strings.Contains(err.Error(), "another version of the code than v2: v1 (12)") {
		t.Fatalf("error %v", err)
	}
	o.AnyVersion = true
	if err := plan.Run(context.Background(), o); err != nil || len(read(t, out)) != 12 {
		t.Errorf("error %v", err)
	}
	o.AnyVersion, o.Rerun = false, true
	if err := plan.Run(context.Background(), o); err != nil || len(read(t, out)) != 24 {
		t.Errorf("error %v", err)
	}
	records := read(t, out)
	if _, err := OneVersion(records, ""); !errors.As(err, &other) || !strings.Contains(err.Error(), "v1 (12), v2 (12)") {
		t.Errorf("error %v", err)
	}
	if one, err := OneVersion(records, "v2"); err != nil || len(one) != 12 || one[0].GitCommit != "v2" {
		t.Errorf("%d records, error %v", len(one), err)
	}
	if _, err := OneVersion(records, "v3"); err == nil || !strings.Contains(err.Error(), "v1, v2") {
		t.Errorf("error %v", err)
	}
	records[20].Time = time.Unix(1, 0)
	if latest := AnyVersion(records); len(latest) != 12 || latest[8].GitCommit != "v2" || latest[7].GitCommit != "v1" {
		t.Errorf("%d records", len(latest))
	}
	if records[0].ID == records[12].ID || records[0].ID == records[0].Config.ID() {
		t.Errorf("ids %s and %s of two versions, configuration %s", records[0].ID, records[12].ID, records[0].Config.ID())
	}
}

// TestDuplicates: the same run with other figures in two places is refused, and
// both places are named; times may differ.
func TestDuplicates(t *testing.T) {
	plan, out := testPlan(t), t.TempDir()
	if err := plan.Run(context.Background(), testOptions(out)); err != nil {
		t.Fatal(err)
	}
	records := read(t, out)
	again := records[3]
	again.Seconds++
	if err := again.append(out, Shard{1, 2}); err != nil {
		t.Fatal(err)
	}
	if n := len(read(t, out)); n != 12 {
		t.Errorf("%d runs", n)
	}
	again.Points = slices.Clone(again.Points)
	again.Points[2].Target.Accuracy = 0.123
	if err := again.append(out, Shard{2, 2}); err != nil {
		t.Fatal(err)
	}
	all, err := Read(out)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Merge(all)
	for _, want := range []string{again.ID, again.Variant, "target accuracy of step 3 is ", " and 0.123", "results-1-of-2.jsonl, line 1", "results-2-of-2.jsonl, line 1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
