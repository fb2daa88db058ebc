package plots_test

import (
	"slices"

	"github.com/reciprocalnorm/rn/plots"
)

// goldenCase is a small rendering of a figure.
type goldenCase struct {
	name string
	make func(plots.Options) (*plots.Figure, error)
}

// goldenCases are small renderings of every kind of figure. DPI 110 keeps the
// files small and the text legible.
var goldenCases = slices.Concat(chartCases, rowCases, scatterCases)

var chartCases = []goldenCase{
	{"correlation", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "layer1.0.bn1, amazon → dslr"
		return plots.Correlation(plots.Matrix{P: softmaxMatrix(64, 3, 0.1, 1), Source: "amazon", Target: "dslr"},
			plots.CorrelationOptions{Options: o})
	}},
	{"correlation_wide", func(o plots.Options) (*plots.Figure, error) {
		return plots.Correlation(plots.Matrix{P: softmaxMatrix(512, 30, 0.05, 2)}, plots.CorrelationOptions{Options: o})
	}},
	{"correlation_zoom", func(o plots.Options) (*plots.Figure, error) {
		return plots.Correlation(plots.Matrix{P: softmaxMatrix(300, 30, 0.05, 2)},
			plots.CorrelationOptions{Options: o, Zoom: plots.Zoom{Row: 100, Col: 100, Size: 24}})
	}},
	{"curves", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "Office-Home, Art → Clipart"
		return plots.Curves(trainingCurves(3), plots.CurveOptions{
			Options: o, XLabel: "iteration", YLabel: "target accuracy", Percent: true,
		})
	}},
	{"curves_log2", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "Reciprocal Normalization by width"
		c := []float64{64, 128, 256, 512, 1024, 2048}
		return plots.Curves([]plots.Series{
			{Name: "batch 36", X: c, Runs: [][]float64{{0.02, 0.025, 0.04, 0.07, 0.12, 0.21}, {0.022, 0.027, 0.041, 0.073, 0.13, 0.22}}},
			{Name: "batch 128", X: c, Runs: [][]float64{{0.01, 0.012, 0.016, 0.026, 0.05, 0.1}, {0.011, 0.012, 0.017, 0.028, 0.055, 0.11}}},
		}, plots.CurveOptions{Options: o, XLabel: "channels C", YLabel: "share of the step's time", Percent: true, XScale: plots.Log2})
	}},
	{"bars", func(o plots.Options) (*plots.Figure, error) {
		o.Title = "Digits, mean per-class recall"
		return plots.Bars(accuracyTable([]string{"M→U", "U→M", "S→M"}, []string{"BN", "DSBN", "TransNorm", "RN"}, 3),
			plots.BarOptions{Options: o, YLabel: "recall", Percent: true})
	}},
	{"bars_rows", func(o plots.Options) (*plots.Figure, error) {
		return plots.Bars(accuracyTable([]string{"A→C", "A→P", "A→R", "C→A", "C→P"},
			[]string{"BN", "AdaBN", "AutoDIAL", "DSBN", "TransNorm", "DWT", "RN"}, 3),
			plots.BarOptions{Options: o, YLabel: "accuracy", Percent: true})
	}},
	{"bars_negative", func(o plots.Options) (*plots.Figure, error) {
		return plots.Bars([]plots.Group{
			{Name: "RC only", Bars: []plots.Bar{{Name: "Δ", Runs: []float64{-1.2, -0.8, -1.9}}}},
			{Name: "RA only", Bars: []plots.Bar{{Name: "Δ", Runs: []float64{0.4, 0.1, -0.3}}}},
			{Name: "RN", Bars: []plots.Bar{{Name: "Δ", Runs: []float64{2.1, 2.6, 1.9}}}},
		}, plots.BarOptions{Options: o, YLabel: "difference to BN (points)"})
	}},
}
