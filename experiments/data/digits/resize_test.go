package digits

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The expected numbers follow from the formula by hand; they are what
// torch.nn.functional.interpolate(mode="bilinear", align_corners=False) documents.
func TestResize(t *testing.T) {
	tests := []struct {
		name                      string
		height, width, channels   int
		pixels                    []float32
		targetHeight, targetWidth int
		want                      []float32
	}{
		{"row doubled", 1, 2, 1, []float32{0, 1}, 1, 4, []float32{0, 0.25, 0.75, 1}},
		{"column doubled", 2, 1, 1, []float32{0, 1}, 4, 1, []float32{0, 0.25, 0.75, 1}},
		{"two to three", 1, 2, 1, []float32{0, 1}, 1, 3, []float32{0, 0.5, 1}},
		{"halved", 1, 4, 1, []float32{0, 0.2, 0.6, 1}, 1, 2, []float32{0.1, 0.8}},
		{"one pixel", 1, 1, 1, []float32{0.3}, 2, 2, []float32{0.3, 0.3, 0.3, 0.3}},
		{"two axes", 2, 2, 1, []float32{0, 0.25, 0.5, 1}, 4, 4, []float32{
			0, 0.0625, 0.1875, 0.25,
			0.125, 0.203125, 0.359375, 0.4375,
			0.375, 0.484375, 0.703125, 0.8125,
			0.5, 0.625, 0.875, 1,
		}},
		{"channels apart", 1, 2, 2, []float32{0, 1, 1, 0.5}, 1, 4, []float32{0, 1, 0.25, 0.875, 0.75, 0.625, 1, 0.5}},
		{"images apart", 1, 1, 1, []float32{0, 1}, 1, 2, []float32{0, 0, 1, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			im := &Images{Height: tt.height, Width: tt.width, Channels: tt.channels, Pixels: tt.pixels}
			got := im.Resize(tt.targetHeight, tt.targetWidth)
			if got.Height != tt.targetHeight || got.Width != tt.targetWidth || len(got.Pixels) != len(tt.want) {
				t.Fatalf("%d×%d with %d values, want %d×%d with %d",
					got.Height, got.Width, len(got.Pixels), tt.targetHeight, tt.targetWidth, len(tt.want))
			}
			for i, want := range tt.want {
				if math.Abs(float64(got.Pixels[i]-want)) > 1e-6 {
					t.Errorf("value %d is %v, want %v (all: %v)", i, got.Pixels[i], want, got.Pixels)
				}
			}
		})
	}
}

// A linear ramp stays linear away from the border, at the sizes of the digits recipe.
func TestResizeKeepsRamps(t *testing.T) {
	for _, side := range []int{8, 16} {
		im := &Images{Height: side, Width: side, Channels: 1, Pixels: make([]float32, side*side)}
		for i := range im.Pixels {
			y, x := i/side, i%side
			im.Pixels[i] = float32(2*y+x) / float32(3*side)
		}
		got, scale := im.Resize(28, 28), float64(side)/28
		at := func(i int) float64 { return min(max((float64(i)+0.5)*scale-0.5, 0), float64(side-1)) }
		for y := range 28 {
			for x := range 28 {
				want := (2*at(y) + at(x)) / float64(3*side)
				if v := float64(got.Pixels[y*28+x]); math.Abs(v-want) > 1e-6 {
					t.Errorf("%d→28 at (%d, %d): %v, want %v", side, y, x, v, want)
				}
			}
		}
	}
}

func TestResizeStaysInRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	im := &Images{Name: "noise", Height: 5, Width: 7, Channels: 3, Pixels: make([]float32, 4*5*7*3)}
	for i := range im.Pixels {
		im.Pixels[i] = float32(rng.IntN(2)) // mostly the extremes, where rounding could leave [0, 1]
	}
	for _, size := range [][2]int{{28, 28}, {1, 1}, {3, 11}, {5, 7}, {64, 2}} {
		resized := im.Resize(size[0], size[1])
		wantValid(t, resized)
		if resized.Len() != im.Len() {
			t.Errorf("%v: %d images, want %d", size, resized.Len(), im.Len())
		}
	}
	wantPanic(t, "Resize(0, 28)", func() { im.Resize(0, 28) })
}
