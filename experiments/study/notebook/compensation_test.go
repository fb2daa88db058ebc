package notebook

import (
	"math"
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

func TestCompensation(t *testing.T) {
	p := func(statistic string, from int, rows ...[]float64) rnlayer.Correlation {
		return rnlayer.Correlation{Statistic: statistic, From: from, To: 1 - from, P: rows}
	}
	l := rnlayer.Inspection{
		Path: "/model/conv1/norm",
		Mean: [][]float64{{1, 0}, {2, 6}}, Variance: [][]float64{{3, 4}, {8, 4}},
		MixedMean: [][]float64{{2, 2}, {1, 3}}, MixedVariance: [][]float64{{5, 5}, {5, 4}},
		Correlations: []rnlayer.Correlation{
			p("mean", 0, []float64{0.75, 0.25}, []float64{0.5, 0.5}), p("mean", 1, []float64{1, 0}, []float64{0, 1}),
			p("variance", 0, []float64{0.25, 0.75}, []float64{0.25, 0.75}), p("variance", 1, []float64{0, 1}, []float64{0, 1}),
		},
	}
	c, err := NewCompensation(l, "mean", 0)
	if err != nil {
		t.Fatal(err)
	}
	if c.Layer != "conv1" || !slices.Equal(c.Own, []float64{1, 0}) || !slices.Equal(c.Other, []float64{2, 6}) || !slices.Equal(c.Compensated, []float64{3, 4}) || !slices.Equal(c.Used, []float64{2, 2}) {
		t.Errorf("means of the source: %+v", c)
	}
	if got := c.Mixed(0.25); !slices.Equal(got, []float64{2.5, 3}) {
		t.Errorf("mixed with share 0.25: %v, want 2.5 and 3", got)
	}
	if got := c.Spread(); math.Abs(got-0.25) > 1e-12 { // Compensated 3 and 4, Other 2 and 6
		t.Errorf("spread %g, want 0.25", got)
	}
	if c, err = NewCompensation(l, "variance", 1); err != nil || !slices.Equal(c.Own, []float64{8, 4}) || !slices.Equal(c.Compensated, []float64{4, 4}) || !slices.Equal(c.Used, []float64{5, 4}) {
		t.Errorf("variances of the target: %+v, %v", c, err)
	}
	if _, err := c.Figure(0.5, plots.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := NewCompensation(l, "median", 0); err == nil {
		t.Error("no error for the unknown statistic median")
	}
}
