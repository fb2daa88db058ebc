package plots_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
)

func TestAlignmentErrors(t *testing.T) {
	ok := plots.LayerAlignment{Layer: "bn1", Channels: 64, Share: []float64{0.5}}
	with := func(edit func(*plots.LayerAlignment)) []plots.LayerAlignment {
		l := ok
		edit(&l)
		return []plots.LayerAlignment{l}
	}
	many := make([]plots.LayerAlignment, 200)
	for i := range many {
		many[i] = plots.LayerAlignment{Layer: fmt.Sprint("bn", i), Channels: 8, Share: []float64{0.1}}
	}
	tests := []struct {
		name   string
		layers []plots.LayerAlignment
		o      plots.AlignmentOptions
		want   string
	}{
		{"none", nil, plots.AlignmentOptions{}, "no layer to draw"},
		{"no name", with(func(l *plots.LayerAlignment) { l.Layer = " " }), plots.AlignmentOptions{}, "the name of layer 0 is empty"},
		{"same name", []plots.LayerAlignment{ok, ok}, plots.AlignmentOptions{}, `layer 1 repeats the name "bn1"`},
		{"no channels", with(func(l *plots.LayerAlignment) { l.Channels = 0 }), plots.AlignmentOptions{}, `layer "bn1": 0 channels; give`},
		{"no share", with(func(l *plots.LayerAlignment) { l.Share = nil }), plots.AlignmentOptions{}, "0 shares for 1 series"},
		{"series", []plots.LayerAlignment{ok}, plots.AlignmentOptions{Series: []string{"a", "b"}}, "1 shares for 2 series"},
		{"same series", []plots.LayerAlignment{ok}, plots.AlignmentOptions{Series: []string{"a", "a"}}, `series 1 repeats the name "a"`},
		{"no series", []plots.LayerAlignment{ok}, plots.AlignmentOptions{Series: []string{}}, "no series"},
		{"percent", with(func(l *plots.LayerAlignment) { l.Share = []float64{31} }), plots.AlignmentOptions{}, "share 0: value 31 is outside [0, 1]"},
		{"NaN", with(func(l *plots.LayerAlignment) { l.Share = []float64{math.NaN()} }), plots.AlignmentOptions{}, "share 0: value is NaN"},
		{"bits", with(func(l *plots.LayerAlignment) { l.Entropy = []float64{6} }), plots.AlignmentOptions{}, "entropy 0, in nats: value 6 is outside [0, 4.163]"},
		{"entropies", with(func(l *plots.LayerAlignment) { l.Entropy = []float64{1, 2} }), plots.AlignmentOptions{}, "2 entropies for 1 series"},
		{"some entropies", []plots.LayerAlignment{ok, {Layer: "bn2", Channels: 8, Share: []float64{1}, Entropy: []float64{1}}}, plots.AlignmentOptions{}, `layer "bn2": only some layers have entropies`},
		{"long name", with(func(l *plots.LayerAlignment) { l.Layer = strings.Repeat("layer", 20) }), plots.AlignmentOptions{}, "raise Width to"},
		{"many layers", many, plots.AlignmentOptions{}, "200 rows need more than 500 mm"},
		{"low", many[:60], plots.AlignmentOptions{Options: plots.Options{Height: 60}}, "a Height of 60 mm is too little for 60 rows"},
		{"theme", []plots.LayerAlignment{ok}, plots.AlignmentOptions{Options: plots.Options{Theme: 5}}, "unknown theme"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Alignment(tt.layers, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestGateErrors(t *testing.T) {
	q := gateQuantiles(0.9, 0.01)
	decreasing, infinite := q, q
	decreasing.Median, infinite.Max = 0.1, math.Inf(1)
	rows := []struct {
		name   string
		layers []plots.LayerGates
		o      plots.GateOptions
		want   string
	}{
		{"none", nil, plots.GateOptions{}, "no layer to draw"},
		{"decreasing", []plots.LayerGates{{Layer: "bn1", Gates: decreasing}}, plots.GateOptions{}, `layer "bn1": quantiles`},
		{"infinite", []plots.LayerGates{{Layer: "bn1", Gates: infinite}}, plots.GateOptions{}, `layer "bn1": value is infinite`},
		{"mark without a name", []plots.LayerGates{{Layer: "bn1", Gates: q}}, plots.GateOptions{Mark: plots.Mark{At: 1}}, "Mark.Name is empty"},
		{"NaN mark", []plots.LayerGates{{Layer: "bn1", Gates: q}}, plots.GateOptions{Mark: plots.Mark{Name: "m", At: math.NaN()}}, "Mark.At: value is NaN"},
		{"label", []plots.LayerGates{{Layer: "bn1", Gates: q}}, plots.GateOptions{Label: "a\nb"}, "Label"},
		{"long label", []plots.LayerGates{{Layer: "bn1", Gates: q}}, plots.GateOptions{Label: strings.Repeat("gate ", 30)}, "is longer than its panel"},
	}
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Gates(tt.layers, tt.o)
			checkError(t, err, tt.want)
		})
	}
	many := make([]plots.GateHistory, 80)
	for i := range many {
		many[i] = gateHistory(fmt.Sprint("bn", i), 1e-6)
	}
	history := func(h plots.GateHistory) []plots.GateHistory { return []plots.GateHistory{h} }
	histories := []struct {
		name   string
		layers []plots.GateHistory
		o      plots.GateOptions
		want   string
	}{
		{"no layers", nil, plots.GateOptions{}, "no layer to draw"},
		{"no points", history(plots.GateHistory{Layer: "bn1"}), plots.GateOptions{}, `layer "bn1": no points`},
		{"ragged", history(plots.GateHistory{Layer: "bn1", Steps: []float64{1, 2}, Gates: []plots.Quantiles{q}}), plots.GateOptions{}, "1 distributions for 2 steps"},
		{"unsorted", history(plots.GateHistory{Layer: "bn1", Steps: []float64{2, 1}, Gates: []plots.Quantiles{q, q}}), plots.GateOptions{}, "Steps[1] = 1 does not exceed Steps[0] = 2"},
		{"NaN step", history(plots.GateHistory{Layer: "bn1", Steps: []float64{math.NaN()}, Gates: []plots.Quantiles{q}}), plots.GateOptions{}, "Steps[0]: value is NaN"},
		{"decreasing gates", history(plots.GateHistory{Layer: "bn1", Steps: []float64{1}, Gates: []plots.Quantiles{decreasing}}), plots.GateOptions{}, "gates at step 1: quantiles"},
		{"long layer", history(plots.GateHistory{Layer: strings.Repeat("layer", 20), Steps: []float64{1}, Gates: []plots.Quantiles{q}}), plots.GateOptions{}, "is wider than the figure"},
		{"many panels", many, plots.GateOptions{}, "80 panels need more than 500 mm"},
		{"low panels", many[:30], plots.GateOptions{Options: plots.Options{Height: 60}}, "raise Height by"},
		{"tall label", history(gateHistory("bn1", 1e-6)), plots.GateOptions{Label: strings.Repeat("gate ", 12)}, "is longer than a panel is high"},
	}
	for _, tt := range histories {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.GateHistories(tt.layers, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestIntervalErrors(t *testing.T) {
	metrics := []plots.Metric{{Label: "accuracy"}}
	variant := func(name string, x ...plots.Interval) plots.Variant { return plots.Variant{Name: name, Metrics: x} }
	one := plots.Interval{Mean: 1, Low: 0, High: 2}
	tests := []struct {
		name     string
		variants []plots.Variant
		o        plots.IntervalOptions
		want     string
	}{
		{"none", nil, plots.IntervalOptions{Metrics: metrics}, "no variant to draw"},
		{"no metrics", []plots.Variant{variant("RN")}, plots.IntervalOptions{}, "no Metrics"},
		{"no label", []plots.Variant{variant("RN", one)}, plots.IntervalOptions{Metrics: []plots.Metric{{}}}, "Label of metric 0 is empty"},
		{"same name", []plots.Variant{variant("RN", one), variant("RN", one)}, plots.IntervalOptions{Metrics: metrics}, `variant 1 repeats the name "RN"`},
		{"ragged", []plots.Variant{variant("RN", one, one)}, plots.IntervalOptions{Metrics: metrics}, `variant "RN": 2 estimates for 1 metrics`},
		{"base", []plots.Variant{variant("RN", one)}, plots.IntervalOptions{Metrics: metrics, Base: "BN"}, `variants ["RN"] do not include Base "BN"`},
		{"mean outside", []plots.Variant{variant("RN", plots.Interval{Mean: 3, Low: 0, High: 2})}, plots.IntervalOptions{Metrics: metrics}, "[0, 2] does not contain the mean 3"},
		{"NaN", []plots.Variant{variant("RN", plots.Interval{Mean: 1, Low: math.NaN(), High: 2})}, plots.IntervalOptions{Metrics: metrics}, `variant "RN": accuracy: value is NaN`},
		{"many metrics", []plots.Variant{variant("RN", one, one, one, one, one)}, plots.IntervalOptions{Metrics: slices.Repeat([]plots.Metric{{Label: "a"}}, 5)}, "leave 13 mm to each panel (5 of them)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plots.Intervals(tt.variants, tt.o)
			checkError(t, err, tt.want)
		})
	}
}

func TestADistanceErrors(t *testing.T) {
	group := func(name string, runs ...float64) plots.Group {
		return plots.Group{Name: name, Bars: []plots.Bar{{Name: "RN", Runs: runs}}}
	}
	for want, groups := range map[string][]plots.Group{
		"no group to draw":                    nil,
		`bar "RN" of group "a" has no runs`:   {group("a")},
		"run 1: value 2.1 is outside [-2, 2]": {group("a", 1, 2.1)},
		`group 1 repeats the name "a"`:        {group("a", 1), group("a", 1)},
		"value is NaN":                        {group("a", math.NaN())},
	} {
		_, err := plots.ADistance(groups, plots.Options{})
		checkError(t, err, want)
	}
}
