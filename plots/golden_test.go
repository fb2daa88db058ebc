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

func TestGolden(t *testing.T) {
	for _, tc := range goldenCases {
		for _, theme := range plots.Themes() {
			name := fmt.Sprintf("%s_%v.png", tc.name, theme)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
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
