package plots_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/plots"
)

var update = flag.Bool("update", false, "rewrite the golden images in testdata")

// Two renderings may differ by rounding (fused multiply-add on some
// architectures) at the edges of shapes, but not in what they show.
const (
	maxChannelDelta = 24    // of 255
	maxPixelShare   = 0.002 // of all pixels
)

// goldenCases are small renderings of every kind of figure. DPI 110 keeps the
// files small and the text legible.
var goldenCases = []struct {
	name string
	make func(plots.Options) (*plots.Figure, error)
}{
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

func TestGolden(t *testing.T) {
	for _, tc := range goldenCases {
		for _, theme := range plots.Themes() {
			name := fmt.Sprintf("%s_%v.png", tc.name, theme)
			t.Run(name, func(t *testing.T) {
				fig, err := tc.make(plots.Options{Theme: theme, DPI: 110})
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				if err := fig.WritePNG(&got); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join("testdata", name)
				if *update {
					if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatalf("%v; make the golden images with go test ./plots -update and look at them", err)
				}
				if err := compare(got.Bytes(), want); err != nil {
					t.Errorf("%s: %v; if the change is meant, run go test ./plots -update and look at the image", path, err)
				}
			})
		}
	}
}

// compare reports how two PNG files differ beyond the tolerance.
func compare(got, want []byte) error {
	a, err := png.Decode(bytes.NewReader(got))
	if err != nil {
		return fmt.Errorf("decoding the new image: %w", err)
	}
	b, err := png.Decode(bytes.NewReader(want))
	if err != nil {
		return fmt.Errorf("decoding the golden image: %w", err)
	}
	if a.Bounds() != b.Bounds() {
		return fmt.Errorf("size %v, golden %v", a.Bounds().Size(), b.Bounds().Size())
	}
	if s := differing(a, b); s > maxPixelShare {
		return fmt.Errorf("%.2f %% of pixels differ, at most %.2f %% may", 100*s, 100*maxPixelShare)
	}
	return nil
}

// differing returns the share of pixels with a channel that differs by more
// than maxChannelDelta.
func differing(a, b image.Image) float64 {
	r := a.Bounds()
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			r0, g0, b0, a0 := a.At(x, y).RGBA()
			r1, g1, b1, a1 := b.At(x, y).RGBA()
			for _, d := range [4]int{int(r0) - int(r1), int(g0) - int(g1), int(b0) - int(b1), int(a0) - int(a1)} {
				if max(d, -d) > maxChannelDelta*257 {
					n++
					break
				}
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}

// TestCompareSeesAChange guards the guard: a moved tick must not pass.
func TestCompareSeesAChange(t *testing.T) {
	render := func(top float64) []byte {
		fig, err := plots.Curves([]plots.Series{{Name: "RN", X: []float64{0, 1}, Runs: [][]float64{{0, top}}}},
			plots.CurveOptions{Options: plots.Options{DPI: 110}, XLabel: "x", YLabel: "y"})
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if err := fig.WritePNG(&buf); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	if err := compare(render(1), render(1)); err != nil {
		t.Errorf("equal images: %v", err)
	}
	if err := compare(render(1), render(1.3)); err == nil {
		t.Error("images of different data passed as equal")
	}
}
