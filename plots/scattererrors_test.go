package plots_test

import (
	"math"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
)

func TestStatisticsErrors(t *testing.T) {
	with := func(edit func(*plots.DomainStatistics)) plots.DomainStatistics {
		s := domainStatistics(8)
		edit(&s)
		return s
	}
	tests := []struct {
		name string
		s    plots.DomainStatistics
		o    plots.Options
		want string
	}{
		{"empty", plots.DomainStatistics{}, plots.Options{}, "SourceMean is empty"},
		{"ragged", with(func(s *plots.DomainStatistics) { s.TargetVariance = s.TargetVariance[:7] }), plots.Options{}, "TargetVariance has 7 channels, SourceMean has 8"},
		{"NaN", with(func(s *plots.DomainStatistics) { s.TargetMean[3] = math.NaN() }), plots.Options{}, "TargetMean[3]: value is NaN"},
		{"variance", with(func(s *plots.DomainStatistics) { s.SourceVariance[2] = 0 }), plots.Options{}, "SourceVariance[2]: variance 0 is not positive"},
		{"long name", with(func(s *plots.DomainStatistics) { s.Target = strings.Repeat("domain", 20) }), plots.Options{}, "is longer than its panel"},
		{"low", with(func(*plots.DomainStatistics) {}), plots.Options{Height: 40, Title: strings.Repeat("word ", 20)}, "leaves no room"},
		{"small", with(func(*plots.DomainStatistics) {}), plots.Options{Width: 40}, "the panels would be only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Statistics(tt.s, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestConfusionErrors(t *testing.T) {
	two := []string{"a", "b"}
	tests := []struct {
		name string
		m    plots.ConfusionMatrix
		o    plots.Options
		want string
	}{
		{"empty", plots.ConfusionMatrix{}, plots.Options{}, "no rows in Counts"},
		{"names", plots.ConfusionMatrix{Counts: [][]int{{1}}, Classes: two}, plots.Options{}, "2 class names for 1 rows"},
		{"same name", plots.ConfusionMatrix{Counts: [][]int{{1, 0}, {0, 1}}, Classes: []string{"a", "a"}}, plots.Options{}, `class 1 repeats the name "a"`},
		{"ragged", plots.ConfusionMatrix{Counts: [][]int{{1, 0}, {0}}, Classes: two}, plots.Options{}, "row 1 of Counts has 1 values; a confusion matrix of 2 rows is square"},
		{"negative", plots.ConfusionMatrix{Counts: [][]int{{1, 0}, {-1, 0}}, Classes: two}, plots.Options{}, "Counts[1][0] = -1 is outside"},
		{"zeros", plots.ConfusionMatrix{Counts: [][]int{{0, 0}, {0, 0}}, Classes: two}, plots.Options{}, "all Counts are 0"},
		{"long names", plots.ConfusionMatrix{Counts: [][]int{{1, 0}, {0, 1}}, Classes: []string{strings.Repeat("a", 40), "b"}}, plots.Options{}, "the class names leave only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Confusion(tt.m, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestEmbeddingErrors(t *testing.T) {
	names := plots.EmbeddingOptions{Domains: []string{"s", "t"}, Classes: []string{"a"}}
	tests := []struct {
		name   string
		points []plots.Point
		o      plots.EmbeddingOptions
		want   string
	}{
		{"none", nil, names, "no points"},
		{"no domains", []plots.Point{{}}, plots.EmbeddingOptions{Classes: []string{"a"}}, "no domain to draw"},
		{"no classes", []plots.Point{{}}, plots.EmbeddingOptions{Domains: []string{"s"}}, "no class to draw"},
		{"domain", []plots.Point{{Domain: 2}}, names, "point 0 has domain 2, but Domains has 2 names"},
		{"class", []plots.Point{{}, {Class: -1}}, names, "point 1 has class -1, but Classes has 1 names"},
		{"NaN", []plots.Point{{Y: math.NaN()}}, names, "point 0: value is NaN"},
		{"five domains", []plots.Point{{}}, plots.EmbeddingOptions{Domains: strings.Split("abcde", ""), Classes: []string{"a"}}, "5 domains, but readers can tell only 4 shapes apart"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Embedding(tt.points, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestReliabilityErrors(t *testing.T) {
	yes := []bool{true}
	tests := []struct {
		name       string
		confidence []float64
		correct    []bool
		o          plots.ReliabilityOptions
		want       string
	}{
		{"none", nil, nil, plots.ReliabilityOptions{}, "no predictions"},
		{"ragged", []float64{1, 1}, yes, plots.ReliabilityOptions{}, "2 confidences, but 1 values of correct"},
		{"logit", []float64{3}, yes, plots.ReliabilityOptions{}, "confidence[0]: value 3 is outside [0, 1]"},
		{"NaN", []float64{math.NaN()}, yes, plots.ReliabilityOptions{}, "confidence[0]: value is NaN"},
		{"bins", []float64{1}, yes, plots.ReliabilityOptions{Bins: 1}, "Bins = 1 is outside [2, 50]"},
		{"low", []float64{1}, yes, plots.ReliabilityOptions{Options: plots.Options{Height: 50}}, "is too little for the two panels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Reliability(tt.confidence, tt.correct, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestLogarithmicCurvesErrors(t *testing.T) {
	series := []plots.Series{{Name: "a", X: []float64{0, 1}, Runs: [][]float64{{1, 2}}}}
	_, err := plots.Curves(series, plots.CurveOptions{XLabel: "x", YLabel: "y", XScale: plots.Log2})
	checkError(t, err, `series "a": X[0]: value 0 is not positive, as a log2 axis requires`)
	_, err = plots.Curves(series, plots.CurveOptions{XLabel: "x", YLabel: "y", XScale: 9})
	checkError(t, err, "unknown scale Scale(9)")
}
