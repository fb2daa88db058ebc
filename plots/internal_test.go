package plots

import (
	"image/color"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func labels(ticks []plot.Tick) []string {
	var s []string
	for _, t := range ticks {
		s = append(s, t.Label)
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
		if got := labels(niceTicks(tt.lo, tt.hi, tt.n)); !slices.Equal(got, tt.want) {
			t.Errorf("niceTicks(%g, %g, %d) = %q; want %q", tt.lo, tt.hi, tt.n, got, tt.want)
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
				ticks := niceTicks(a, b, 6)
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
	tests := []struct {
		scale  Scale
		lo, hi float64
		n      int
		want   []string
	}{
		{Linear, 0, 1, 3, []string{"0", "0.5", "1.0"}},
		{Log2, 64, 2048, 6, []string{"64", "128", "256", "512", "1024", "2048"}},
		{Log2, 1, 4096, 7, []string{"1", "4", "16", "64", "256", "1024", "4096"}},
		{Log2, 3, 5, 6, []string{"3.0", "3.5", "4.0", "4.5", "5.0"}},
		{Log2, 1 << 16, 1 << 18, 3, []string{"65536", "1.3e+05", "2.6e+05"}},
		{Log10, 0.0009, 11, 6, []string{"0.001", "0.01", "0.1", "1", "10"}},
		{Log10, 1e-7, 1e7, 4, []string{"1e−07", "0.001", "10", "1e+05"}},
	}
	for _, tt := range tests {
		r := Range{Min: tt.scale.at(tt.lo), Max: tt.scale.at(tt.hi)}
		ticks := tt.scale.ticks(r, tt.n)
		if got := labels(ticks); !slices.Equal(got, tt.want) {
			t.Errorf("%v ticks of [%g, %g] are %q; want %q", tt.scale, tt.lo, tt.hi, got, tt.want)
		}
		for _, tick := range ticks {
			if tick.Value < r.Min-1e-9 || tick.Value > r.Max+1e-9 {
				t.Errorf("%v tick %q is outside [%g, %g]", tt.scale, tick.Label, tt.lo, tt.hi)
			}
		}
	}
}

func TestFittingTicks(t *testing.T) {
	for width, want := range map[vg.Length]int{10: 2, 60: 3, 200: 6} {
		if got := len(fittingTicks(Range{Max: 1}, width)); got != want {
			t.Errorf("%d ticks in %v points; want %d", got, width, want)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{5, 1, 2}); got != 2 {
		t.Errorf("median(5, 1, 2) = %g; want 2", got)
	}
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median(4, 1, 2, 9) = %g; want 3", got)
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
		if got := labels(indexTicks(tt.first, tt.last, 5)); !slices.Equal(got, tt.want) {
			t.Errorf("indexTicks(%d, %d) = %q; want %q", tt.first, tt.last, got, tt.want)
		}
	}
}

func TestMeanStd(t *testing.T) {
	// numpy.mean and numpy.std(ddof=1) of the same values.
	mean, std := meanStd([]float64{1, 2, 4})
	if math.Abs(mean-7.0/3) > 1e-15 || math.Abs(std-1.5275252316519468) > 1e-15 {
		t.Errorf("meanStd(1, 2, 4) = %v, %v; want 2.333…, 1.5275252316519468", mean, std)
	}
	if mean, std = meanStd([]float64{3}); mean != 3 || std != 0 {
		t.Errorf("meanStd(3) = %v, %v; want 3, 0", mean, std)
	}
}

func TestFormatValue(t *testing.T) {
	for _, tt := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{98.04, 1, "98.0"}, {-1.25, 1, "−1.2"}, {-0.01, 1, "0.0"}, {0, -1, "0"},
		{0.25, -1, "0.25"}, {12345678, 1, "1.23e+07"}, {2, 0, "2"},
	} {
		if got := formatValue(tt.v, tt.decimals); got != tt.want {
			t.Errorf("formatValue(%g, %d) = %q; want %q", tt.v, tt.decimals, got, tt.want)
		}
	}
}

func TestCellCount(t *testing.T) {
	for n, want := range map[int]int{1: 1, 64: 64, 256: 256, 257: 129, 512: 256, 2048: 256, 2047: 256} {
		if got := cellCount(n); got != want {
			t.Errorf("cellCount(%d) = %d; want %d", n, got, want)
		}
	}
}

// TestBlocksCover checks that the cells' blocks partition the channels.
func TestBlocksCover(t *testing.T) {
	for _, n := range []int{1, 5, 256, 257, 300, 2047} {
		next := 0
		for i := range cellCount(n) {
			from, to := block(i, n, cellCount(n))
			if from != next || to <= from {
				t.Fatalf("block %d of %d channels is [%d, %d) after %d", i, n, from, to, next)
			}
			next = to
		}
		if next != n {
			t.Errorf("blocks of %d channels end at %d", n, next)
		}
	}
}

// luminance is the relative luminance of WCAG 2, [0, 1].
func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	lin := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(n.R) + 0.7152*lin(n.G) + 0.0722*lin(n.B)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast checks WCAG 2 ratios: 7 (level AAA) for text, and for large
// filled shapes and lines that also carry a dash pattern or an order 2.
func TestContrast(t *testing.T) {
	for _, theme := range Themes() {
		c, err := theme.colors()
		if err != nil {
			t.Fatal(err)
		}
		for name, ink := range map[string]color.Color{"ink": c.ink, "muted": c.muted} {
			if r := contrast(ink, c.background); r < 7 {
				t.Errorf("%v: %s has contrast %.1f; want 7", theme, name, r)
			}
		}
		for i, ink := range c.categories {
			if r := contrast(ink, c.background); r < 2 {
				t.Errorf("%v: category %d has contrast %.1f; want 2", theme, i, r)
			}
		}
		if len(c.categories) != len(dashes) || len(c.categories) != len(markers) {
			t.Errorf("%v: %d colours, %d dash patterns, %d markers; want as many of each", theme, len(c.categories), len(dashes), len(markers))
		}
	}
}

// TestViridisLightness checks that CIE lightness grows linearly, which makes
// the map readable in grey and for any colour vision.
func TestViridisLightness(t *testing.T) {
	lightness := func(c color.Color) float64 { return 116*math.Cbrt(luminance(c)) - 16 }
	p := viridis()
	first, last := lightness(p[0]), lightness(p[len(p)-1])
	for i, c := range p {
		want := first + (last-first)*float64(i)/float64(len(p)-1)
		if got := lightness(c); math.Abs(got-want) > 1 {
			t.Errorf("colour %d has lightness %.1f; want %.1f", i, got, want)
		}
	}
}
