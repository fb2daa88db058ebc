package figures_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/plots"
)

// recorded returns the results of a folder of the repository.
func recorded(t *testing.T, name string) []record.Result {
	t.Helper()
	results, err := record.Read("../../results/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// draw draws a kind and decodes its numbers.
func draw(t *testing.T, name string, in figures.Input, numbers any) error {
	t.Helper()
	k, err := figures.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := k.Draw(context.Background(), in)
	if err != nil {
		return err
	}
	svg(t, d.Figure)
	data, err := json.Marshal(d.Numbers)
	if err != nil {
		t.Fatal(err)
	}
	return json.Unmarshal(data, numbers)
}

// TestBarsOfRecorded compares the mean of each bar with the table of package
// ablations.
func TestBarsOfRecorded(t *testing.T) {
	results := recorded(t, "office-caltech10")
	groups := ablations.Groups(results)
	for _, choice := range []string{"last", "infomax", "oracle"} {
		var bars []struct {
			Group, Bar string
			Runs       []float64
		}
		if err := draw(t, "bars", figures.Input{Results: results, Bar: figures.BarOptions{Choice: choice}}, &bars); err != nil {
			t.Fatal(err)
		}
		means := make(map[string]float64)
		for _, b := range bars {
			for _, v := range b.Runs {
				means[b.Group+" "+b.Bar] += v / float64(len(b.Runs))
			}
		}
		if len(groups) != len(bars) {
			t.Errorf("%d bars, but the table has %d rows", len(bars), len(groups))
		}
		c, err := record.LookupChoice(choice)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			r := g[0]
			name := r.Source + " → " + r.Target + ", " + r.Objective + " " + r.Norm
			if got, want := means[name], g.Summary(ablations.Metrics()[0], c).Mean; math.Abs(got-want) > 1e-12 {
				t.Errorf("%s, choice %s: %g, want %g", name, choice, got, want)
			}
		}
	}
}

// TestCurvesOfRecorded expects one line per task and norm, and one run per seed.
func TestCurvesOfRecorded(t *testing.T) {
	var lines []struct {
		Name  string
		Steps []float64
		Runs  [][]float64
	}
	if err := draw(t, "curves", figures.Input{Results: recorded(t, "digits")}, &lines); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 6 || lines[0].Name != "bn, mnist → uci" || !slices.Equal(lines[0].Steps, []float64{200, 400, 600, 800}) || len(lines[0].Runs) != 3 {
		t.Errorf("%d lines, the first %+v", len(lines), lines[0])
	}
	if got, want := lines[0].Runs[0][3], recorded(t, "digits")[0].Accuracy.Last; got != want {
		t.Errorf("the first run ends at %g, want %g", got, want)
	}
}

// TestLabels checks two rules: labels name the settings that differ between results
// of one task, norm and objective, and of several results of one configuration only
// the last counts.
func TestLabels(t *testing.T) {
	r := recorded(t, "digits")[0]
	again, other := r, r
	again.Points = slices.Clone(r.Points)
	again.Points[3].Target.Accuracy = 0.25
	other.Config.NormOptions.GateMin = 0.75
	other.Config.Seed = 7
	var lines []struct {
		Name string
		Runs [][]float64
	}
	if err := draw(t, "curves", figures.Input{Results: []record.Result{r, other, again}}, &lines); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0].Name != "bn" || lines[1].Name != "bn, gate_min 0.75" {
		t.Fatalf("lines %+v", lines)
	}
	if len(lines[0].Runs) != 1 || lines[0].Runs[0][3] != 0.25 {
		t.Errorf("runs %v, want the last of the two results of the configuration", lines[0].Runs)
	}
}

// TestMisuseOfResults checks the errors for input that a kind cannot draw.
func TestMisuseOfResults(t *testing.T) {
	digits, office := recorded(t, "digits"), recorded(t, "office-caltech10")
	var none any
	for name, c := range map[string]struct {
		kind string
		in   figures.Input
		want string
	}{
		"no results":    {"curves", figures.Input{}, "no results"},
		"no bars":       {"bars", figures.Input{}, "no runs"},
		"too many":      {"curves", figures.Input{Results: office}, "36 lines, of which 8"},
		"missing norm":  {"bars", figures.Input{Results: digits[:4]}, "usps → mnist has no run of ds"},
		"quantity":      {"curves", figures.Input{Results: digits, Curve: figures.CurveOptions{Quantity: "speed"}}, "want one of accuracy"},
		"choice":        {"bars", figures.Input{Results: digits, Bar: figures.BarOptions{Choice: "first"}}, "want one of last"},
		"no score":      {"bars", figures.Input{Results: office, Bar: figures.BarOptions{Choice: "snd"}}, "lacks the score by which the choice snd"},
		"no gates":      {"gates", figures.Input{Results: digits[:1]}, "no result has gates"},
		"earlier gates": {"gates", figures.Input{Results: recorded(t, "digits-components")}, "no quantiles of its gates of the means"},
		"no run":        {"alignment", figures.Input{}, "no run given"},
		"no runs":       {"adistance", figures.Input{}, "no run given"},
		"no table":      {"ablation", figures.Input{}, "no ablation"},
	} {
		wantError(t, name, draw(t, c.kind, c.in, &none), c.want)
	}
	if _, err := figures.Lookup("nope"); err == nil {
		t.Error("Lookup finds the unknown kind nope")
	}
}

// TestGatesMatchResults compares the quantiles with the points of the result, by layer
// and step.
func TestGatesMatchResults(t *testing.T) {
	r := recorded(t, "digits")[2]
	r.Points = slices.Clone(r.Points)
	q := func(lo float64) record.Quantiles {
		return record.Quantiles{lo, lo + 0.01, lo + 0.02, lo + 0.03, lo + 0.04, lo + 0.05, 1}
	}
	for i := range r.Points {
		lo := 0.9 - 0.1*float64(i)
		r.Points[i].Gates = []record.Gates{{Layer: "/model/conv1/norm", Mean: q(lo), Variance: q(lo - 0.05)}, {Layer: "/model/conv2/norm", Mean: q(lo), Variance: q(lo)}}
	}
	var history []struct {
		Layer, Statistic string
		Points           []struct {
			Step      int
			Quantiles record.Quantiles
		}
		Decay float64 `json:"weight_decay_alone"`
	}
	in := figures.Input{Results: []record.Result{r}, Layer: figures.LayerOptions{Layer: "conv1", Statistic: figures.Variance}}
	for _, kind := range []string{"gates", "gates-by-layer"} {
		if err := draw(t, kind, in, &history); err != nil {
			t.Fatal(err)
		}
		if len(history) != 1 || history[0].Layer != "conv1" || len(history[0].Points) != len(r.Points) {
			t.Fatalf("%s: history %+v", kind, history)
		}
		if want := r.Config.Optimizer.DecayAlone("/model/conv1/norm/mean_gate", 1, 800); history[0].Decay != want || want > 0.96 {
			t.Errorf("weight decay alone takes the gates to %g, want %g", history[0].Decay, want)
		}
		for i, p := range history[0].Points {
			if p.Step != r.Points[i].Step || p.Quantiles != r.Points[i].Gates[0].Variance {
				t.Errorf("%s: step %d has %v, want %v", kind, p.Step, p.Quantiles, r.Points[i].Gates[0].Variance)
			}
		}
	}
}

// TestAblation compares the figure with one drawn from the table's differences and
// intervals, and checks the errors.
func TestAblation(t *testing.T) {
	low, high := -0.01, 0.05
	cell := func(d *ablations.Difference) []ablations.Cell {
		return []ablations.Cell{{Metric: "accuracy", Choice: "last", Difference: d}}
	}
	table := ablations.Table{Suite: "gate-range", Config: recorded(t, "digits")[0].Config, Rows: []ablations.TableRow{
		{Variant: ablations.Variant{Name: "gate-0.5"}, Base: true, Cells: cell(nil)},
		{Variant: ablations.Variant{Name: "gate-0"}, Cells: cell(&ablations.Difference{N: 3, Mean: 0.02, Low: &low, High: &high})},
		{Variant: ablations.Variant{Name: "gate-0.25"}, Cells: cell(nil)}, // shares no seed
	}}
	o := figures.AblationOptions{Metrics: []string{"accuracy"}}
	f, err := figures.Ablation(table, o, plots.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := plots.Intervals(
		[]plots.Variant{{Name: "gate-0.5", Metrics: []plots.Interval{{}}}, {Name: "gate-0", Metrics: []plots.Interval{{Mean: 100 * 0.02, Low: 100 * low, High: 100 * high}}}},
		plots.IntervalOptions{Metrics: []plots.Metric{{Label: "Δ target accuracy"}}, Base: "gate-0.5", Note: "difference to gate-0.5 in points, paired by seed, 95 % confidence interval"})
	if err != nil {
		t.Fatal(err)
	}
	if svg(t, f) != svg(t, want) {
		t.Error("the figure does not show the differences of the table")
	}
	_, err = figures.Ablation(table, figures.AblationOptions{Metrics: []string{"speed"}}, plots.Options{})
	wantError(t, "metric", err, "want one of accuracy, mean_recall")
	table.Rows[0].Base = false
	_, err = figures.Ablation(table, o, plots.Options{})
	wantError(t, "no base row", err, "no results of its base row")
	table.Rows[0].Base, table.Rows[1].Cells = true, cell(nil)
	_, err = figures.Ablation(table, o, plots.Options{})
	wantError(t, "nothing to compare", err, "shares seeds")
}
