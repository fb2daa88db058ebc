package plots_test

import (
	"math"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
)

// TestFigureTexts checks the numbers that figures compute and print.
func TestFigureTexts(t *testing.T) {
	matrix := plots.ConfusionMatrix{Classes: []string{"cat", "dog", "eel"}, Counts: [][]int{{8, 2, 0}, {1, 3, 0}, {0, 0, 0}}}
	perfect := plots.ConfusionMatrix{Classes: []string{"cat", "dog"}, Counts: [][]int{{8, 0}, {0, 3}}}
	tests := []struct {
		name string
		make func() (*plots.Figure, error)
		want []string
	}{
		// 11 of 14; the mean of 8/10 and 3/4, without the class that is absent.
		{"confusion", func() (*plots.Figure, error) { return plots.Confusion(matrix, plots.Options{}) },
			[]string{"accuracy 78.6 % · mean recall 77.5 %", "dog → cat, 25.0 %", " 8 ", " 3 "}},
		{"perfect", func() (*plots.Figure, error) { return plots.Confusion(perfect, plots.Options{}) },
			[]string{"accuracy 100 % · mean recall 100 %"}},
		{"counts too wide", func() (*plots.Figure, error) {
			m := plots.ConfusionMatrix{Classes: digitNames()}
			for i := range 10 {
				row := make([]int, 10)
				row[i], row[(i+1)%10] = 750_000, 250_000
				m.Counts = append(m.Counts, row)
			}
			return plots.Confusion(m, plots.Options{})
		}, []string{" 75 ", " 25 "}},
		{"many classes", func() (*plots.Figure, error) {
			return plots.Confusion(confusionMatrix(officeNames(), 10), plots.Options{})
		}, []string{"(1 in 5 named)", "Alarm_Clock"}},
		// Bins of 0.5: |1/2 − 0.3|·2/4 + |1 − 0.85|·2/4.
		{"reliability", func() (*plots.Figure, error) {
			return plots.Reliability([]float64{0.2, 0.4, 0.7, 1}, []bool{true, false, true, true}, plots.ReliabilityOptions{Bins: 2})
		}, []string{"4 predictions · accuracy 75.0 % · ECE 17.5 % (2 bins)"}},
		{"statistics", func() (*plots.Figure, error) {
			return plots.Statistics(plots.DomainStatistics{
				SourceMean: []float64{1, 2, 3}, TargetMean: []float64{2, 4, 6},
				SourceVariance: []float64{1, 10, 100}, TargetVariance: []float64{100, 10, 1},
			}, plots.Options{})
		}, []string{"3 channels · r = 1.00 (means), −1.00 (variances, log scale)", "mean, source", "variance, target"}},
		{"statistics of one channel", func() (*plots.Figure, error) {
			one := []float64{1}
			return plots.Statistics(plots.DomainStatistics{SourceMean: one, TargetMean: one, SourceVariance: one, TargetVariance: one}, plots.Options{})
		}, []string{" 1 channel · variances on a log scale"}},
		{"intervals", func() (*plots.Figure, error) {
			return plots.Intervals(ablationRows, plots.IntervalOptions{Base: "BN", Metrics: []plots.Metric{{Label: "accuracy", Percent: true}, {Label: "recall"}}})
		}, []string{"dashed: BN", "accuracy (%)", "recall"}},
		{"gates far from the mark", func() (*plots.Figure, error) {
			return plots.Gates([]plots.LayerGates{{Layer: "bn1", Gates: gateQuantiles(0.99, 0.001)}}, plots.GateOptions{Mark: plots.Mark{Name: "bound", At: 0.5}})
		}, []string{" bound ", " 0.5 ", " 1.0 "}},
		{"embedding", func() (*plots.Figure, error) {
			points := append(embeddedPoints(3, 5), plots.Point{X: 0, Y: 0, Class: 4})
			return plots.Embedding(points, plots.EmbeddingOptions{Domains: []string{"s", "t"}, Classes: []string{"a", "b", "c", "absent", "d"}})
		}, []string{"31 points · 5 classes", " d "}},
		{"crowded embedding", func() (*plots.Figure, error) {
			var points []plots.Point
			for k := range 65 {
				points = append(points, plots.Point{X: 0.001 * float64(k), Class: k}, plots.Point{X: 100, Y: 100, Class: k})
			}
			return plots.Embedding(points, plots.EmbeddingOptions{Domains: []string{"s"}, Classes: officeNames()})
		}, []string{"130 points · 65 classes,", "labelled", " Oven_Holder "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fig, err := tt.make()
			if err != nil {
				t.Fatal(err)
			}
			// Wrapped lines are joined; markers of the ends let a whole text match.
			all := " " + strings.Join(svgTexts(t, svgOf(t, fig)), " ") + " "
			for _, want := range tt.want {
				if !strings.Contains(all, want) {
					t.Errorf("texts %q lack %q", all, want)
				}
			}
		})
	}
}

// TestEmbeddingHeight checks that a given height holds although the subtitle
// grows when labels find no place.
func TestEmbeddingHeight(t *testing.T) {
	var points []plots.Point
	for k := range 10 {
		points = append(points, plots.Point{X: 0.001 * float64(k), Class: k}, plots.Point{X: 100, Y: 100, Class: k})
	}
	o := plots.EmbeddingOptions{Domains: []string{"s"}, Classes: digitNames(), Options: plots.Options{Height: 60, Subtitle: "long enough to leave the rest of it to a line"}}
	fig, err := plots.Embedding(points, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, height := fig.Size(); math.Abs(height-60) > 1e-9 {
		t.Errorf("height %g mm; want 60", height)
	}
	if all := strings.Join(svgTexts(t, svgOf(t, fig)), " "); !strings.Contains(all, "labelled") {
		t.Errorf("texts %q do not say how many classes are labelled", all)
	}
}

// TestManyLayers checks that every name of a deep network is printed.
func TestManyLayers(t *testing.T) {
	fig, err := plots.Gates(resnetGates(), plots.GateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(svgTexts(t, svgOf(t, fig)), "|")
	names, _ := resnetNorms()
	if len(names) != 53 {
		t.Fatalf("%d norms in a ResNet-50; want 53", len(names))
	}
	for _, name := range names {
		if !strings.Contains(all, name) {
			t.Errorf("the figure lacks the name %q", name)
		}
	}
}

// TestScattersAreSmall draws the widest layer of a ResNet-50 and the most
// points an embedding is made of.
func TestScattersAreSmall(t *testing.T) {
	statistics, err := plots.Statistics(domainStatistics(2048), plots.Options{})
	if err != nil {
		t.Fatal(err)
	}
	embedding, err := plots.Embedding(embeddedPoints(10, 100), plots.EmbeddingOptions{Domains: []string{"s", "t"}, Classes: digitNames()})
	if err != nil {
		t.Fatal(err)
	}
	for name, fig := range map[string]*plots.Figure{"statistics": statistics, "embedding": embedding} {
		if n := len(svgOf(t, fig)); n >= 600_000 {
			t.Errorf("the SVG of the %s has %d bytes; want less than 600,000", name, n)
		}
	}
}

func TestQuantilesOf(t *testing.T) {
	// numpy.quantile of the same values.
	got, err := plots.QuantilesOf([]float64{4, 1, 3, 2, 10})
	want := plots.Quantiles{Min: 1, P5: 1.2, P25: 2, Median: 3, P75: 4, P95: 8.8, Max: 10}
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]float64{{got.P5, want.P5}, {got.P25, want.P25}, {got.Median, want.Median}, {got.P75, want.P75}, {got.P95, want.P95}, {got.Min, 1}, {got.Max, 10}} {
		if math.Abs(pair[0]-pair[1]) > 1e-12 {
			t.Errorf("QuantilesOf = %+v; want %+v", got, want)
			break
		}
	}
	if one, err := plots.QuantilesOf([]float64{7}); err != nil || one.P5 != 7 || one.Max != 7 {
		t.Errorf("QuantilesOf(7) = %+v, %v", one, err)
	}
	_, err = plots.QuantilesOf(nil)
	checkError(t, err, "no values")
	_, err = plots.QuantilesOf([]float64{1, math.NaN()})
	checkError(t, err, "value 1: value is NaN")
}

// TestCurvesTexts checks the label of the x axis and the note on runs.
func TestCurvesTexts(t *testing.T) {
	run := []float64{1, 2}
	tests := []struct {
		name string
		runs [][]float64
		o    plots.CurveOptions
		want string
	}{
		{"runs", [][]float64{run, run}, plots.CurveOptions{}, "mean ± std over 2 runs|a|"},
		{"range", [][]float64{run, run}, plots.CurveOptions{Band: plots.BandMinMax}, "mean, min–max over 2 runs|"},
		{"one run", [][]float64{run}, plots.CurveOptions{}, "one run each|a|"},
		{"one run without a band", [][]float64{run}, plots.CurveOptions{Band: plots.BandNone}, "one run each|a|"},
		{"not runs", [][]float64{run}, plots.CurveOptions{NoRuns: true}, "a|x|"},
		{"logarithmic", [][]float64{run}, plots.CurveOptions{XScale: plots.Log2, NoRuns: true}, "|x (log scale)|"},
		{"linear", [][]float64{run}, plots.CurveOptions{NoRuns: true}, "|x|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.XLabel, tt.o.YLabel = "x", "y"
			fig, err := plots.Curves([]plots.Series{{Name: "a", X: run, Runs: tt.runs}}, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(svgTexts(t, svgOf(t, fig)), "|")
			if !strings.Contains(all, tt.want) || tt.o.NoRuns && strings.Contains(all, "run") {
				t.Errorf("texts %q; want %q", all, tt.want)
			}
		})
	}
}
