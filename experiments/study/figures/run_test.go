package figures_test

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/internal/toyrun"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/study/adistance"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// once yields one open network.
func once(s *experiments.Saved) iter.Seq2[*experiments.Saved, error] {
	return func(yield func(*experiments.Saved, error) bool) { yield(s, nil) }
}

// TestKindsOfRuns draws every kind but the ablation from the shared run. The numbers
// encode as JSON, and Untitled removes the title.
func TestKindsOfRuns(t *testing.T) {
	r, s := openRun(t)
	in := figures.Input{Results: []record.Result{r}, Runs: once(s), Embedding: figures.EmbeddingOptions{Iterations: 50}}
	for _, k := range figures.All() {
		if k.Needs == figures.NeedsTables {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			d, err := k.Draw(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			text := svg(t, d.Figure)
			if !strings.Contains(text, "winter") && !strings.Contains(text, "bottleneck") {
				t.Error("the figure names neither a domain nor a layer")
			}
			if data, err := json.Marshal(d.Numbers); err != nil || len(data) < 10 {
				t.Errorf("numbers %s, %v", data, err)
			}
			untitled := in
			untitled.Untitled = true
			if d, err = k.Draw(context.Background(), untitled); err != nil {
				t.Fatal(err)
			}
			if short := svg(t, d.Figure); len(short) >= len(text) {
				t.Error("Untitled does not shorten the figure: its title is still there")
			}
		})
	}
}

// svg encodes a figure as SVG.
func svg(t *testing.T, f *plots.Figure) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAlignmentMatchesInspect checks that the shares follow from the correlations
// that Inspect returns, for all RN layers.
func TestAlignmentMatchesInspect(t *testing.T) {
	_, s := openRun(t)
	rows, err := figures.MeasureAlignment(context.Background(), s, figures.LayerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	layers, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, l := range layers {
		names = append(names, rows[i].Layer)
		for statistic, got := range map[string]figures.Aligned{figures.Mean: rows[i].Mean, figures.Variance: rows[i].Variance} {
			c, err := l.Correlation(statistic, 0, 1)
			if err != nil {
				t.Fatal(err)
			}
			want, err := plots.DiagonalShare(c.P)
			if err != nil {
				t.Fatal(err)
			}
			if got.Share != want || got.Misaligned != 1-want || len(c.P) != rows[i].Channels {
				t.Errorf("%s, %s: %+v of %d channels, want share %g of %d", l.Path, statistic, got, rows[i].Channels, want, len(c.P))
			}
			if got.Entropy <= 0 || got.Entropy > math.Log(float64(len(c.P))) {
				t.Errorf("%s, %s: entropy %g of %d channels", l.Path, statistic, got.Entropy, len(c.P))
			}
		}
	}
	if want := []string{"layer4/0/conv1", "layer4/0/conv2", "layer4/1/conv1", "layer4/1/conv2", "head/bottleneck"}; !containsAll(names, want) {
		t.Errorf("layers %v do not include %v", names, want)
	}
	back, err := figures.MeasureAlignment(context.Background(), s, figures.LayerOptions{From: 1, To: 0})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(back, rows) {
		t.Error("the alignment from target to source equals the alignment from source to target")
	}
}

// containsAll reports whether have includes all of want.
func containsAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(have, s) })
}

// TestStatisticsMatchStore checks that the numbers are the running statistics of the
// store.
func TestStatisticsMatchStore(t *testing.T) {
	_, s := openRun(t)
	layers, err := s.Layers()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(layers, func(l rnlayer.Layer) bool { return strings.HasSuffix(l.Path, "layer4/0/conv2/norm") })
	kind, err := figures.Lookup("statistics")
	if err != nil {
		t.Fatal(err)
	}
	d, err := kind.Draw(context.Background(), figures.Input{Runs: once(s), Layer: figures.LayerOptions{Layer: "0/conv2"}})
	if err == nil {
		t.Fatal("no error for layer 0/conv2, which several stages have")
	}
	if d, err = kind.Draw(context.Background(), figures.Input{Runs: once(s), Layer: figures.LayerOptions{Layer: "layer4/0/conv2"}}); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(d.Numbers)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Layer    string
		Domains  [2]string
		Mean     [][]float64
		Variance [][]float64
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Layer != "layer4/0/conv2" || got.Domains != [2]string{"summer", "winter"} ||
		!slices.Equal(got.Mean[1], layers[i].RunningMean[1]) || !slices.Equal(got.Variance[0], layers[i].RunningVariance[0]) {
		t.Errorf("numbers of %s, %v differ from the statistics in the store", got.Layer, got.Domains)
	}
}

// TestUnknownLayers checks that the errors list the layers of the network.
func TestUnknownLayers(t *testing.T) {
	r, s := openRun(t)
	ctx := context.Background()
	_, err := figures.Correlation(ctx, s, figures.LayerOptions{Layer: "layer9"}, plots.Options{})
	wantError(t, "correlation", err, `"layer9"`, "layer4/1/conv2", "head/bottleneck")
	_, err = figures.Correlation(ctx, s, figures.LayerOptions{Layer: "conv2"}, plots.Options{})
	wantError(t, "ambiguous", err, `"conv2"`, "layer4/0/conv2, layer4/1/conv2")
	_, err = figures.Correlation(ctx, s, figures.LayerOptions{Statistic: "median"}, plots.Options{})
	wantError(t, "statistic", err, `"median"`, "want one of mean, variance")
	_, err = figures.Statistics(s, figures.LayerOptions{Layer: "layer9"}, plots.Options{})
	wantError(t, "statistics", err, `"layer9"`, "layer4/1/conv2")
	_, err = figures.Statistics(s, figures.LayerOptions{Layer: "layer1/0/conv1"}, plots.Options{})
	wantError(t, "statistics of BN", err, "layer1/0/conv1", "1 domain(s)")
	_, err = figures.GateHistories(r, figures.GateOptions{Layers: []string{"layer9"}}, plots.Options{})
	wantError(t, "gates", err, `"layer9"`, "head/bottleneck")
	if _, err := figures.Correlation(ctx, s, figures.LayerOptions{Layer: "1/conv2", Zoom: plots.Zoom{Size: 16}}, plots.Options{}); err != nil {
		t.Errorf("a suffix that only one layer has: %v", err)
	}
}

// wantError checks that an error contains the words.
func wantError(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %q does not contain %s", what, err, w)
		}
	}
}

// TestFeatures checks that Features selects the given number of test images of each
// domain by the seed, with their labels, and reproduces their values.
func TestFeatures(t *testing.T) {
	_, s := openRun(t)
	ctx := context.Background()
	f, err := s.Features(ctx, experiments.FeatureOptions{Images: 10, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for domain := range f.Domains {
		if len(f.Values[domain]) != 10 || len(f.Values[domain][0]) != 8 || !slices.IsSorted(f.Indices[domain]) {
			t.Errorf("%d images of width %d, indices %v", len(f.Values[domain]), len(f.Values[domain][0]), f.Indices[domain])
		}
		for k, i := range f.Indices[domain] { // photographs are sorted by class
			if int(f.Labels[domain][k]) != i/toyrun.Photographs {
				t.Errorf("photograph %d has label %d", i, f.Labels[domain][k])
			}
		}
	}
	if f.Domains != [2]string{"summer", "winter"} || slices.Equal(f.Indices[0], f.Indices[1]) {
		t.Errorf("domains %v, images %v and %v", f.Domains, f.Indices[0], f.Indices[1])
	}
	all, err := s.Features(ctx, experiments.FeatureOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for domain := range all.Domains {
		if len(all.Values[domain]) != 3*toyrun.Photographs {
			t.Errorf("%d images, want all %d", len(all.Values[domain]), 3*toyrun.Photographs)
		}
		for k, i := range f.Indices[domain] { // equal up to rounding: the batches have different sizes
			for j, v := range f.Values[domain][k] {
				if math.Abs(v-all.Values[domain][i][j]) > 1e-5 {
					t.Fatalf("domain %d, image %d: feature %d is %g among 10 images, %g among all", domain, i, j, v, all.Values[domain][i][j])
				}
			}
		}
	}
	if _, err := s.Features(ctx, experiments.FeatureOptions{Images: -1}); err == nil {
		t.Error("no error for −1 images")
	}
}

// TestDistance compares MeasureDistance with adistance.Measure on the features.
func TestDistance(t *testing.T) {
	r, s := openRun(t)
	ctx := context.Background()
	d, err := figures.MeasureDistance(ctx, s, experiments.FeatureOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Features(ctx, experiments.FeatureOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, err := adistance.Measure(f.Values[0], f.Values[1], adistance.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if d.Run != r.ID || d.Distance != want.Distance || d.Held != want.Held || d.Norm != "rn" {
		t.Errorf("distance %+v, want %+v of run %s", d, want, r.ID)
	}
}

// TestPredictionsMatchRun checks that the predictions reproduce the last evaluation
// of the run, on all test images.
func TestPredictionsMatchRun(t *testing.T) {
	r, s := openRun(t)
	p, err := s.Test(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got, want := p.Evaluation(), r.Points[len(r.Points)-1].Target
	if got.Accuracy != want.Accuracy || math.Abs(got.InfoMax-want.InfoMax) > 1e-9 || math.Abs(got.ECE-want.ECE) > 1e-9 {
		t.Errorf("evaluation %+v, but the run recorded %+v", got, want)
	}
	n := 0
	for _, row := range p.Confusion() {
		for _, count := range row {
			n += count
		}
	}
	if n != 3*toyrun.Photographs {
		t.Errorf("%d images in the confusion matrix, want all %d", n, 3*toyrun.Photographs)
	}
}
