package notebook

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// figure is one of a number of curves with 400 points.
func figure(t *testing.T, curves int) *plots.Figure {
	t.Helper()
	var series []plots.Series
	for i := range curves {
		s := plots.Series{Name: string(rune('a' + i)), Runs: [][]float64{nil}}
		for x := range 400 {
			s.X, s.Runs[0] = append(s.X, float64(x)), append(s.Runs[0], float64(x*i%7))
		}
		series = append(series, s)
	}
	f, err := plots.Curves(series, plots.CurveOptions{Options: plots.Options{DPI: 50}, XLabel: "x", YLabel: "y"})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEncode(t *testing.T) {
	mime, data, err := encode(figure(t, 1))
	if _, ok := data.(string); err != nil || mime != protocol.MIMEImageSVG || !ok {
		t.Errorf("a small figure is %s of %T, %v, want SVG as text", mime, data, err)
	}
	mime, data, err = encode(figure(t, 8))
	if _, ok := data.([]byte); err != nil || mime != protocol.MIMEImagePNG || !ok {
		t.Errorf("a large figure is %s of %T, %v, want PNG as bytes", mime, data, err)
	}
}

func TestProfiles(t *testing.T) {
	t.Setenv(ProfileVariable, "")
	quick := Digits()
	if Profile() != Quick || Environment().Out != filepath.Join("..", "out", "notebooks", "quick") {
		t.Errorf("profile %q in %s, want the quick one in its folder", Profile(), Environment().Out)
	}
	t.Setenv(ProfileVariable, Full)
	full := Digits()
	if quick.Steps >= full.Steps || Seeds() < 2 {
		t.Errorf("%d steps of the quick profile, %d of the full one with %d seeds", quick.Steps, full.Steps, Seeds())
	}
	for _, c := range []experiments.Config{quick, full} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// recorded is a result without a run.
func recorded(c experiments.Config, accuracy float64, version string, at time.Time) experiments.Result {
	e := experiments.Evaluation{Accuracy: accuracy, MeanRecall: accuracy}
	return experiments.Result{
		ID: c.RunID(version), Time: at, Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective,
		Seed: c.Seed, Steps: c.Steps, Config: c, GitCommit: version,
		Accuracy: experiments.Accuracy{Last: accuracy, LabelFree: accuracy, Oracle: accuracy},
		Recall:   experiments.Accuracy{Last: accuracy, LabelFree: accuracy, Oracle: accuracy},
		Points:   []experiments.Point{{Step: c.Steps, Target: e}},
	}
}

// TestRunReads takes a result that is there, of any version the latest, and
// trains nothing.
func TestRunReads(t *testing.T) {
	dir, c := t.TempDir(), Digits()
	other := c
	other.Seed = 1
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, r := range []experiments.Result{
		recorded(c, 0.5, "a", noon), recorded(c, 0.7, "b", noon.Add(time.Hour)), recorded(c, 0.6, "c", noon), recorded(other, 0.9, "a", noon.Add(2*time.Hour)),
	} {
		if err := experiments.AppendResult(dir, r); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Run(context.Background(), c, experiments.Environment{Out: dir})
	if err != nil || r.Accuracy.Last != 0.7 || r.ID != c.RunID("b") {
		t.Errorf("run %s with %v, %v; want the latest of the configuration, with 0.7", r.ID, r.Accuracy.Last, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v in the folder, want the results alone", entries, err)
	}
}

// TestRunPlanReads makes a table of results that are there, those of another
// suite, another number of seeds and another configuration beside them.
func TestRunPlanReads(t *testing.T) {
	dir, c := t.TempDir(), Digits()
	suite := Must(ablations.Lookup("components"))
	plan, err := suite.Plan(c, 2, "ds", "ra-only", "rn")
	if err != nil {
		t.Fatal(err)
	}
	longer := c
	longer.Steps++
	results := []experiments.Result{recorded(longer, 0.1, "a", time.Now())}
	for i, j := range plan.Jobs(ablations.Shard{}) {
		results = append(results, recorded(j.Config, 0.5+float64(i)/100, "a", time.Now()))
	}
	third := c
	third.Seed = 2
	for _, r := range append(results, recorded(third, 0.1, "a", time.Now())) {
		if err := experiments.AppendResult(dir, r); err != nil { // of no suite
			t.Fatal(err)
		}
	}
	table, err := RunPlan(context.Background(), plan, experiments.Environment{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range table.Rows {
		names = append(names, row.Name)
		if !slices.Equal(row.Seeds, []int64{0, 1}) {
			t.Errorf("row %s has seeds %v, want those of the plan", row.Name, row.Seeds)
		}
	}
	if !slices.Equal(names, []string{"ds", "ra-only", "rn"}) {
		t.Errorf("rows %v, want those of the plan", names)
	}
}
