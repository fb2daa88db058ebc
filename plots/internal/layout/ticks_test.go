package layout

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// labels returns the labels of the ticks that have one.
func labels(ticks []plot.Tick) []string {
	var s []string
	for _, t := range ticks {
		if !t.IsMinor() {
			s = append(s, t.Label)
		}
	}
	return s
}

func TestNiceTicks(t *testing.T) {
	tests := []struct {
		lo, hi float64
		n      int
		want   []string
	}{
		{0, 1, 6, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{0, 100, 6, []string{"0", "20", "40", "60", "80", "100"}},
		{500, 20000, 6, []string{"5k", "10k", "15k", "20k"}},
		{-1.3, 2.2, 6, []string{"−1", "0", "1", "2"}},
		{4.877, 4.887, 6, []string{"4.878", "4.880", "4.882", "4.884", "4.886"}},
		{0, 5e-6, 6, []string{"0", "1e−06", "2e−06", "3e−06", "4e−06", "5e−06"}},
		{0, 3e6, 4, []string{"0", "1e+06", "2e+06", "3e+06"}},
		{1, 1, 6, nil},
	}
	for _, tt := range tests {
		if got := labels(NiceTicks{tt.n}.Ticks(tt.lo, tt.hi)); !slices.Equal(got, tt.want) {
			t.Errorf("NiceTicks{%d}.Ticks(%g, %g) = %q; want %q", tt.n, tt.lo, tt.hi, got, tt.want)
		}
	}
}

// TestNiceTicksProperties checks every magnitude: at most n ticks, inside the
// range, increasing, told apart by their labels.
func TestNiceTicksProperties(t *testing.T) {
	for exp := -90; exp <= 90; exp += 3 {
		for _, lo := range []float64{0, -1, -0.37, 0.99, 3.3} {
			for _, width := range []float64{0.013, 0.5, 1, 7.77} {
				s := math.Pow(10, float64(exp))
				a, b := lo*s, (lo+width)*s
				ticks := NiceTicks{6}.Ticks(a, b)
				if len(ticks) < 2 || len(ticks) > 6 {
					t.Errorf("[%g, %g] has %d ticks; want 2 to 6", a, b, len(ticks))
				}
				slack := 1e-8 * (b - a)
				for i, tick := range ticks {
					if tick.Value < a-slack || tick.Value > b+slack {
						t.Errorf("[%g, %g]: tick %g outside", a, b, tick.Value)
					}
					if i > 0 && (tick.Value <= ticks[i-1].Value || tick.Label == ticks[i-1].Label) {
						t.Errorf("[%g, %g]: tick %q after %q", a, b, tick.Label, ticks[i-1].Label)
					}
				}
			}
		}
	}
}

func TestScaleTicks(t *testing.T) {
	linear, log2, log10 := Scale{}, Scale{Base: 2}, Scale{Base: 10}
	tests := []struct {
		scale  Scale
		lo, hi float64
		n      int
		want   []string
	}{
		{linear, 0, 1, 3, []string{"0", "0.5", "1.0"}},
		{log2, 64, 2048, 6, []string{"64", "128", "256", "512", "1024", "2048"}},
		{log2, 1, 4096, 7, []string{"1", "4", "16", "64", "256", "1024", "4096"}},
		{log2, 3, 5, 6, []string{"3.0", "3.5", "4.0", "4.5", "5.0"}},
		{log2, 1 << 16, 1 << 18, 3, []string{"65536", "1.3e+05", "2.6e+05"}},
		{log10, 0.0009, 11, 6, []string{"0.001", "0.01", "0.1", "1", "10"}},
		{log10, 1e-7, 1e7, 4, []string{"1e−07", "0.001", "10", "1e+05"}},
	}
	for _, tt := range tests {
		var a plot.Axis
		tt.scale.Apply(&a, Range{tt.scale.at(tt.lo), tt.scale.at(tt.hi)}, tt.n)
		ticks := a.Tick.Marker.Ticks(a.Min, a.Max)
		if got := labels(ticks); !slices.Equal(got, tt.want) {
			t.Errorf("%+v ticks of [%g, %g] are %q; want %q", tt.scale, tt.lo, tt.hi, got, tt.want)
		}
		for _, tick := range ticks {
			if tick.Value < a.Min-1e-9 || tick.Value > a.Max+1e-9 {
				t.Errorf("%+v tick %g is outside [%g, %g]", tt.scale, tick.Value, tt.lo, tt.hi)
			}
		}
	}
}

// TestMinorTicks checks that a logarithmic axis shows itself between its powers
// of ten, unless it leaves some of them out.
func TestMinorTicks(t *testing.T) {
	minor := func(s Scale, lo, hi float64, n int) (values []float64) {
		var a plot.Axis
		s.Apply(&a, Range{s.at(lo), s.at(hi)}, n)
		for _, tick := range a.Tick.Marker.Ticks(a.Min, a.Max) {
			if tick.IsMinor() {
				values = append(values, math.Round(math.Pow(s.Base, tick.Value)*1e6)/1e6)
			}
		}
		return values
	}
	want := []float64{0.09, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 2}
	if got := minor(Scale{Base: 10}, 0.085, 2.5, 6); !slices.Equal(got, want) {
		t.Errorf("minor ticks of [0.085, 2.5] are %v; want %v", got, want)
	}
	for name, got := range map[string][]float64{
		"every fourth decade": minor(Scale{Base: 10}, 1e-7, 1e7, 4),
		"powers of two":       minor(Scale{Base: 2}, 1, 16, 6),
		"linear":              minor(Scale{}, 1, 16, 6),
	} {
		if len(got) > 0 {
			t.Errorf("%s: minor ticks %v; want none", name, got)
		}
	}
}

func TestFittingTicks(t *testing.T) {
	for width, want := range map[vg.Length]int{10: 2, 60: 3, 200: 6} {
		if got := len(FittingTicks{width}.Ticks(0, 1)); got != want {
			t.Errorf("%d ticks in %v points; want %d", got, width, want)
		}
	}
}

func TestIndexTicks(t *testing.T) {
	tests := []struct {
		first, last int
		want        []string
	}{
		{0, 63, []string{"0", "16", "32", "48"}},
		{0, 0, []string{"0"}},
		{100, 123, []string{"104", "112", "120"}},
		{0, 2047, []string{"0", "512", "1024", "1536"}},
	}
	for _, tt := range tests {
		if got := labels(IndexTicks{5}.Ticks(float64(tt.first)-0.5, float64(tt.last)+0.5)); !slices.Equal(got, tt.want) {
			t.Errorf("IndexTicks of [%d, %d] are %q; want %q", tt.first, tt.last, got, tt.want)
		}
	}
}

func TestUnlabelled(t *testing.T) {
	plain, labelled := Unlabelled{NiceTicks{6}}.Ticks(0, 1), NiceTicks{6}.Ticks(0, 1)
	if len(labels(plain)) > 0 || len(plain) != len(labelled) {
		t.Errorf("Unlabelled ticks are %v; want %d without a label", plain, len(labelled))
	}
}
