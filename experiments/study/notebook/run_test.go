package notebook

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/plots"
)

// figure draws a number of curves with 400 points each.
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
		t.Errorf("a small figure is %s in a %T, %v; want SVG in a string", mime, data, err)
	}
	mime, data, err = encode(figure(t, 8))
	if _, ok := data.([]byte); err != nil || mime != protocol.MIMEImagePNG || !ok {
		t.Errorf("a large figure is %s in a %T, %v; want PNG in bytes", mime, data, err)
	}
}

func TestProfiles(t *testing.T) {
	t.Setenv(ProfileVariable, "")
	quick := Digits()
	if Profile() != Quick || Environment().Out != filepath.Join("..", "out", "notebooks", "quick") {
		t.Errorf("profile %q in %s, want quick in its own folder", Profile(), Environment().Out)
	}
	t.Setenv(ProfileVariable, Full)
	full := Digits()
	if quick.Steps >= full.Steps || Seeds() < 2 {
		t.Errorf("quick has %d steps, full has %d steps and %d seeds; want fewer in quick, and several seeds in full", quick.Steps, full.Steps, Seeds())
	}
	for _, c := range []config.Config{quick, full} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
}

// identifier identifies runs on this machine. All tests share it.
var identifier = sync.OnceValues(func() (*experiments.Identifier, error) {
	return experiments.NewIdentifier(environment.Environment{})
})

// recorded makes up the result of a run, with the data and the backend of this machine
// and the given version of the code.
func recorded(t *testing.T, c config.Config, accuracy float64, version string, at time.Time) record.Result {
	t.Helper()
	i, err := identifier()
	if err != nil {
		t.Fatal(err)
	}
	id, err := i.Identity(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	id.Version = version
	e := score.Evaluation{Accuracy: accuracy, MeanRecall: accuracy}
	return record.Result{
		ID: id.ID(), Time: at, Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective,
		Seed: c.Seed, Steps: c.Steps, Config: c, GitCommit: version, Digests: id.Digests, Platform: platform.Info{Backend: "xla", Plugin: id.Backend},
		Accuracy: record.Accuracy{Last: accuracy, InfoMax: accuracy, Oracle: accuracy},
		Recall:   record.Accuracy{Last: accuracy, InfoMax: accuracy, Oracle: accuracy},
		Points:   []record.Point{{Step: c.Steps, Target: e}},
	}
}

// TestRunReads checks that Run returns the latest stored result, of any version, and
// trains nothing.
func TestRunReads(t *testing.T) {
	dir, c := t.TempDir(), Digits()
	other := c
	other.Seed = 1
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, r := range []record.Result{
		recorded(t, c, 0.5, "a", noon), recorded(t, c, 0.7, "b", noon.Add(time.Hour)), recorded(t, c, 0.6, "c", noon), recorded(t, other, 0.9, "a", noon.Add(2*time.Hour)),
	} {
		if err := r.Append(dir); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Run(context.Background(), c, environment.Environment{Output: environment.Output{Out: dir}})
	if err != nil || r.Accuracy.Last != 0.7 || r.GitCommit != "b" {
		t.Errorf("run %s has accuracy %v, %v; want 0.7, the latest of the configuration", r.ID, r.Accuracy.Last, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want only the results file", entries, err)
	}
}

// TestCompareReads checks that Compare uses stored results and ignores those of other
// seeds and configurations.
func TestCompareReads(t *testing.T) {
	dir, c := t.TempDir(), Digits()
	plan := Must(Must(ablations.Lookup("components")).Plan(c, 2, "ds", "ra-only", "rn"))
	longer, third := c, c
	longer.Steps++
	third.Seed = 2
	results := []record.Result{recorded(t, longer, 0.1, "a", time.Now()), recorded(t, third, 0.1, "a", time.Now())}
	accuracy := map[string][]float64{"ds": {0.5, 0.6}, "ra-only": {0.52, 0.63}, "rn": {0.4, 0.65}}
	for _, j := range plan.Jobs(ablations.Shard{}) {
		results = append(results, recorded(t, j.Config, accuracy[j.Variant][j.Config.Seed], "a", time.Now()))
	}
	for _, r := range results {
		if err := r.Append(dir); err != nil { // lines of no suite
			t.Fatal(err)
		}
	}
	got, err := Compare(context.Background(), "components", c, 2, environment.Environment{Output: environment.Output{Out: dir}}, "ds", "ra-only", "rn")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range got.Table.Rows {
		if !slices.Equal(row.Seeds, []int64{0, 1}) {
			t.Errorf("row %s has seeds %v, want 0 and 1", row.Name, row.Seeds)
		}
	}
	if len(got.Table.Rows) != 3 || math.Abs(got.Accuracy("ds")-0.55) > 1e-12 || got.Result("rn").Accuracy.Last != 0.4 {
		t.Errorf("%d rows, ds %g, first of rn %g; want 3, 0.55, 0.4", len(got.Table.Rows), got.Accuracy("ds"), got.Result("rn").Accuracy.Last)
	}
	for want, pair := range map[string][2]string{
		// Differences 0.02 and 0.03: ± 12.706·0.00707/√2 around 0.025.
		"ra-only is 2.5 points above ds; the 95 % interval over 2 seeds, -3.9 to +8.9, includes 0": {"ra-only", "ds"},
		"ds is 2.5 points below ra-only; the 95 % interval over 2 seeds, -8.9 to +3.9, includes 0": {"ds", "ra-only"},
	} {
		if text := got.Sentence(pair[0], pair[1]); text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
	if text := got.Text(); !strings.Contains(text, "| ra-only | 57.5 ± 7.8 |") {
		t.Errorf("the table has no row ra-only with 57.5 ± 7.8:\n%s", text)
	}
	if _, err := got.Curves(plots.Options{}); err != nil {
		t.Error(err)
	}
	defer func() {
		if err, _ := recover().(error); err == nil || err.Error() != `unknown variant "dwt": want one of ds, ra-only, rn` {
			t.Errorf("panic %v, want the known variants", err)
		}
	}()
	got.Result("dwt")
}

func TestSentence(t *testing.T) {
	group := func(values ...float64) ablations.Group {
		g := make(ablations.Group)
		for seed, v := range values {
			g[int64(seed)] = record.Result{Accuracy: record.Accuracy{Last: v}}
		}
		return g
	}
	c := Comparison{groups: map[string]ablations.Group{"a": group(0.5, 0.6, 0.7), "b": group(0.7, 0.81, 0.89), "one": group(0.4)}}
	for want, pair := range map[string][2]string{
		"b is 20.0 points above a; the 95 % interval over 3 seeds, +17.5 to +22.5, excludes 0": {"b", "a"}, // 20, 21 and 19
		"one is 10.0 points below a (one seed)":                                                {"one", "a"},
	} {
		if got := c.Sentence(pair[0], pair[1]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
