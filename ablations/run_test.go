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
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// identity is the identity of a run on made-up data, with a version of the code.
func identity(c config.Config, version string) record.Identity {
	return record.Identity{Config: c, Digests: map[string]string{record.DigestTest: "A"}, Version: version, Backend: "cpu", Devices: 1}
}

// fakeRun stands in for experiments.Run. The configuration's hash decides its
// accuracies, and it reports progress after every step.
func fakeRun(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
	var hash [2]byte
	if _, err := fmt.Sscanf(c.ID(), "%2x%2x", &hash[0], &hash[1]); err != nil {
		return record.Result{}, err
	}
	id := identity(c, env.Version)
	r := record.Result{
		ID: id.ID(), Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective,
		Seed: c.Seed, Steps: c.Steps, Seconds: float64(hash[1]), Config: c, GitCommit: env.Version,
		Digests: id.Digests, Platform: platform.Info{Backend: "xla", Plugin: id.Backend},
	}
	for i := range 3 {
		a := float64(hash[0]) / 256 * float64(3-i) / 3
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

// testPlan returns a plan of twelve short runs.
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

// testOptions returns options for fake runs by version v1 of the code.
func testOptions(out string) Options { return versionOptions(out, "v1") }

// versionOptions returns options for fake runs by a version of the code.
func versionOptions(out, version string) Options {
	return Options{Options: runs.Options{
		Environment: environment.Environment{Output: environment.Output{Out: out, Version: version}}, Run: fakeRun,
		Identity: func(_ context.Context, c config.Config) (record.Identity, error) { return identity(c, version), nil },
	}}
}

// read reads and merges the records of a folder.
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

// write returns the tables of records in every format.
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

// TestShardAndMerge checks that the files of three shards, with extra copies of them,
// make the same tables as one process.
func TestShardAndMerge(t *testing.T) {
	plan := testPlan(t)
	whole, merged := t.TempDir(), t.TempDir()
	if err := plan.Run(context.Background(), testOptions(whole)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		o := testOptions(t.TempDir())
		o.Shard, o.Parallel = Shard{i + 1, 3}, 2
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

// TestMissingOnly checks that a second call runs only what is missing: the run of a
// half-written line, and the runs of another suite that the first suite did not do.
func TestMissingOnly(t *testing.T) {
	plan, out := testPlan(t), t.TempDir()
	var ran []string
	o := testOptions(out)
	o.Run = func(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
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
	if warned == nil || !strings.Contains(warned.Error(), path+", line 12 is skipped") {
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

// TestSeveralVersions checks that another version of the code repeats the runs, and
// that tables take one version or the latest result of each run.
func TestSeveralVersions(t *testing.T) {
	plan, out := testPlan(t), t.TempDir()
	if err := plan.Run(t.Context(), testOptions(out)); err != nil {
		t.Fatal(err)
	}
	o := versionOptions(out, "v2")
	o.AnyVersion = true
	if err := plan.Run(t.Context(), o); err != nil || len(read(t, out)) != 12 {
		t.Errorf("any version: error %v, %d records", err, len(read(t, out)))
	}
	o.AnyVersion = false
	if err := plan.Run(t.Context(), o); err != nil || len(read(t, out)) != 24 {
		t.Errorf("error %v, %d records", err, len(read(t, out)))
	}
	var other OtherVersionError
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
	records[7].Time, records[20].Time = time.Unix(1, 0), time.Unix(1, 0)
	if latest := AnyVersion(records); len(latest) != 12 || latest[8].GitCommit != "v2" || latest[7].GitCommit != "v1" {
		t.Errorf("%d records", len(latest))
	}
	if records[0].ID == records[12].ID || records[0].ID == records[0].Config.ID() {
		t.Errorf("ids %s and %s of two versions, configuration %s", records[0].ID, records[12].ID, records[0].Config.ID())
	}
}

// TestDuplicates checks that two lines of a run may differ in times, and that the error
// for other numbers names both lines.
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
