package plots_test

import (
	"math"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
)

// checkError fails t unless err says want.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", want)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q; want one that says %q", err, want)
	}
	if n := strings.Count(err.Error(), "\n"); n > 0 {
		t.Errorf("error %q has %d line breaks; want one line", err, n)
	}
}

func TestCorrelationErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	ok := [][]float64{{0.5, 0.5}, {0.1, 0.9}}
	long := strings.Repeat("domain", 20)
	tests := []struct {
		name string
		m    plots.Matrix
		o    plots.CorrelationOptions
		want string
	}{
		{"no rows", plots.Matrix{}, plots.CorrelationOptions{}, "no rows in P"},
		{"empty row", plots.Matrix{P: [][]float64{{}}}, plots.CorrelationOptions{}, "P[0] is empty"},
		{"ragged", plots.Matrix{P: [][]float64{{0.5, 0.5}, {1}}}, plots.CorrelationOptions{}, "P[1] has 1 values, row P[0] has 2"},
		{"NaN", plots.Matrix{P: [][]float64{{0.5, 0.5}, {nan, 1}}}, plots.CorrelationOptions{}, "P[1][0]: value is NaN"},
		{"infinite", plots.Matrix{P: [][]float64{{0.5, inf}}}, plots.CorrelationOptions{}, "P[0][1]: value is infinite"},
		{"negative", plots.Matrix{P: [][]float64{{1.5, -0.5}}}, plots.CorrelationOptions{}, "P[0][1] = -0.5 is negative"},
		{"not a softmax", plots.Matrix{P: [][]float64{{0.5, 0.5}, {0.5, 0.9}}}, plots.CorrelationOptions{}, "P[1] sums to 1.4"},
		{"zoom outside", plots.Matrix{P: ok}, plots.CorrelationOptions{Zoom: plots.Zoom{Row: 1, Size: 2}}, "leaves the [2, 2] matrix"},
		{"zoom without size", plots.Matrix{P: ok}, plots.CorrelationOptions{Zoom: plots.Zoom{Row: 1}}, "leaves the [2, 2] matrix"},
		{"zoom overflow", plots.Matrix{P: ok}, plots.CorrelationOptions{Zoom: plots.Zoom{Row: math.MaxInt, Size: 1}}, "leaves the [2, 2] matrix"},
		{"empty colours", plots.Matrix{P: ok}, plots.CorrelationOptions{Colors: plots.Range{Min: 1, Max: 0.5}}, "Colors [1, 0.5] is empty"},
		{"NaN colours", plots.Matrix{P: ok}, plots.CorrelationOptions{Colors: plots.Range{Max: nan}}, "Colors.Max: value is NaN"},
		{"long domain", plots.Matrix{P: ok, Source: long}, plots.CorrelationOptions{}, "is longer than the map"},
		{"theme", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Theme: 7}}, "unknown theme Theme(7)"},
		{"width", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Width: 10}}, "Width 10 mm is outside"},
		{"NaN width", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Width: nan}}, "Width NaN mm is outside"},
		{"height", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Height: -3}}, "Height -3 mm is outside"},
		{"dpi", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{DPI: 1e6}}, "DPI = 1000000 is outside"},
		{"control character", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Title: "a\x00b"}}, "control character U+0000"},
		{"bad UTF-8", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Subtitle: "a\xffb"}}, "not valid UTF-8"},
		{"missing glyph", plots.Matrix{P: ok, Target: "中"}, plots.CorrelationOptions{}, "U+4E2D"},
		{"long word", plots.Matrix{P: ok}, plots.CorrelationOptions{Options: plots.Options{Title: long}}, "is wider than the figure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Correlation(tt.m, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestCurvesErrors(t *testing.T) {
	x := []float64{1, 2}
	one := func(s plots.Series) []plots.Series { return []plots.Series{s} }
	labels := plots.CurveOptions{XLabel: "x", YLabel: "y"}
	many := make([]plots.Series, 9)
	ok := one(plots.Series{Name: "a", X: x, Runs: [][]float64{{1, 2}}})
	tests := []struct {
		name   string
		series []plots.Series
		o      plots.CurveOptions
		want   string
	}{
		{"none", nil, labels, "no series"},
		{"too many", many, labels, "9 series, but readers can tell only 8 apart"},
		{"no name", one(plots.Series{X: x, Runs: [][]float64{{1, 2}}}), labels, "the name of series 0 is empty"},
		{"same name", append(ok, ok...), labels, `series 1 repeats the name "a"`},
		{"no points", one(plots.Series{Name: "a", Runs: [][]float64{{}}}), labels, `series "a": no points`},
		{"no runs", one(plots.Series{Name: "a", X: x}), labels, `series "a": no runs`},
		{"ragged", one(plots.Series{Name: "a", X: x, Runs: [][]float64{{1, 2}, {1}}}), labels, "run 1 has 1 values for 2 points"},
		{"NaN", one(plots.Series{Name: "a", X: x, Runs: [][]float64{{1, math.NaN()}}}), labels, "run 0 at X = 2: value is NaN"},
		{"infinite x", one(plots.Series{Name: "a", X: []float64{1, math.Inf(1)}, Runs: [][]float64{{1, 2}}}), labels, "X[1]: value is infinite"},
		{"huge", one(plots.Series{Name: "a", X: x, Runs: [][]float64{{1, 1e300}}}), labels, "exceeds 1e+100"},
		{"unsorted", one(plots.Series{Name: "a", X: []float64{2, 2}, Runs: [][]float64{{1, 2}}}), labels, "X[1] = 2 does not exceed X[0] = 2"},
		{"no x label", ok, plots.CurveOptions{YLabel: "y"}, "XLabel is empty"},
		{"no y label", ok, plots.CurveOptions{XLabel: "x"}, "YLabel is empty"},
		{"band", ok, plots.CurveOptions{XLabel: "x", YLabel: "y", Band: 9}, "unknown band Band(9)"},
		{"range", ok, plots.CurveOptions{XLabel: "x", YLabel: "y", YRange: plots.Range{Min: 2, Max: 1}}, "YRange [2, 1] is empty"},
		{"long label", ok, plots.CurveOptions{XLabel: strings.Repeat("x ", 200), YLabel: "y"}, "x label"},
		{"tall label", ok, plots.CurveOptions{XLabel: "x", YLabel: strings.Repeat("y ", 200)}, "y label"},
		{"low", ok, plots.CurveOptions{Options: plots.Options{Height: 40, Title: strings.Repeat("word ", 90)}, XLabel: "x", YLabel: "y"}, "leaves no room"},
		{"long name", one(plots.Series{Name: strings.Repeat("name ", 40), X: x, Runs: [][]float64{{1, 2}}}), labels, "wider than the figure"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Curves(tt.series, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestBarsErrors(t *testing.T) {
	labels := plots.BarOptions{YLabel: "accuracy"}
	bar := func(name string, runs ...float64) plots.Bar { return plots.Bar{Name: name, Runs: runs} }
	group := func(name string, bars ...plots.Bar) plots.Group { return plots.Group{Name: name, Bars: bars} }
	five := 5
	tests := []struct {
		name   string
		groups []plots.Group
		o      plots.BarOptions
		want   string
	}{
		{"none", nil, labels, "no group to draw"},
		{"no bars", []plots.Group{group("g")}, labels, `plots: group "g": no bar to draw`},
		{"no runs", []plots.Group{group("g", bar("a"))}, labels, `bar "a" of group "g" has no runs`},
		{"no group name", []plots.Group{group("", bar("a", 1))}, labels, "the name of group 0 is empty"},
		{"no bar name", []plots.Group{group("g", bar("", 1))}, labels, `group "g": the name of bar 0 is empty`},
		{"same name", []plots.Group{group("g", bar("a", 1), bar("a", 1))}, labels, `group "g": bar 1 repeats the name "a"`},
		{"ragged", []plots.Group{group("g", bar("a", 1), bar("b", 1)), group("h", bar("a", 1))}, labels, `group "h" has 1 bars, group "g" has 2`},
		{"other order", []plots.Group{group("g", bar("a", 1), bar("b", 1)), group("h", bar("b", 1), bar("a", 1))}, labels, `bar 0 is "b" in group "h"`},
		{"NaN", []plots.Group{group("g", bar("a", 1, math.NaN()))}, labels, "run 1: value is NaN"},
		{"no label", []plots.Group{group("g", bar("a", 1))}, plots.BarOptions{}, "YLabel is empty"},
		{"decimals", []plots.Group{group("g", bar("a", 1))}, plots.BarOptions{YLabel: "y", Decimals: &five}, "Decimals = 5 is outside"},
		{"outside the axis", []plots.Group{group("g", bar("a", 1))}, plots.BarOptions{YLabel: "y", YRange: plots.Range{Min: 2, Max: 3}}, "leaves the axis [2, 3]"},
		{"error bar outside", []plots.Group{group("g", bar("a", 2, 4))}, plots.BarOptions{YLabel: "y", YRange: plots.Range{Min: 2, Max: 5}}, "leaves the axis [2, 5]"},
		{"long group name", []plots.Group{group(strings.Repeat("name ", 40), bar("a", 1))}, labels, "group name"},
		{"low", []plots.Group{group(strings.Repeat("g", 40), bar("a", 1)), group(strings.Repeat("h", 40), bar("a", 1)), group("i", bar("a", 1))},
			plots.BarOptions{Options: plots.Options{Height: 45}, YLabel: "y"}, "is too little for the 3 rows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Bars(tt.groups, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestDiagonalShare(t *testing.T) {
	tests := []struct {
		name string
		p    [][]float64
		want float64
	}{
		{"identity", [][]float64{{1, 0}, {0, 1}}, 1},
		{"swapped", [][]float64{{0, 1}, {1, 0}}, 0},
		{"ties go to the first", [][]float64{{0.5, 0.5}, {0.5, 0.5}}, 0.5},
		{"one channel", [][]float64{{1}}, 1},
	}
	for _, tt := range tests {
		got, err := plots.DiagonalShare(tt.p)
		if err != nil || got != tt.want {
			t.Errorf("%s: DiagonalShare = %v, %v; want %v", tt.name, got, err, tt.want)
		}
	}
	for want, p := range map[string][][]float64{
		"no rows":          nil,
		"row 0 has 2":      {{0.5, 0.5}},
		"P[1][0] is NaN":   {{1, 0}, {math.NaN(), 1}},
		"row 1 has 1 valu": {{1, 0}, {1}},
	} {
		_, err := plots.DiagonalShare(p)
		checkError(t, err, want)
	}
}
