package photo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// picture returns the picture of testdata/pillow.py.
func picture(width, height int) *RGB {
	im := newRGB(width, height)
	for y := range height {
		for x := range width {
			for c := range 3 {
				im.Pix[3*(y*width+x)+c] = uint8(x*7 + y*13 + c*29 + x*y)
			}
		}
	}
	return im
}

// TestResizeLikePillow checks that every value equals Pillow's.
func TestResizeLikePillow(t *testing.T) {
	for _, c := range readExpected(t).Resized {
		from := picture(c.From[0], c.From[1])
		before := slices.Clone(from.Pix)
		got := from.Resize(c.To[0], c.To[1])
		if got.Width != c.To[0] || got.Height != c.To[1] || !slices.EqualFunc(got.Pix, c.Pixels, func(a uint8, b int) bool { return int(a) == b }) {
			t.Errorf("%v to %v: %v, want %v", c.From, c.To, got, c.Pixels)
		}
		if !slices.Equal(from.Pix, before) {
			t.Errorf("%v to %v: the photograph was changed", c.From, c.To)
		}
	}
}

// apply applies a transform.
func apply(t *testing.T, tr Transform, im *RGB, seed uint64) []float32 {
	t.Helper()
	dst := make([]float32, tr.size())
	if err := tr.Apply(im, rand.New(rand.NewPCG(seed, 0)), dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// at returns a square of a photograph as floats.
func at(im *RGB, left, top, size int, mirror bool) (values []float32) {
	for y := range size {
		for x := range size {
			u := x
			if mirror {
				u = size - 1 - x
			}
			for c := range 3 {
				values = append(values, float32(im.Pix[3*((top+y)*im.Width+left+u)+c])/255)
			}
		}
	}
	return values
}

func TestCentre(t *testing.T) {
	for _, c := range []struct{ crop, left int }{{8, 0}, {6, 1}, {5, 2}, {7, 0}, {3, 2}, {1, 4}} { // round((8−crop)/2), to even
		got := apply(t, Transform{Resize: 8, Crop: c.crop}, picture(8, 8), 0)
		if !slices.Equal(got, at(picture(8, 8), c.left, c.left, c.crop, false)) {
			t.Errorf("crop %d is not at %d", c.crop, c.left)
		}
	}
}

func TestKeepAspect(t *testing.T) {
	for _, c := range []struct{ width, height, toWidth, toHeight int }{{20, 10, 16, 8}, {10, 21, 8, 16}, {30, 17, 14, 8}} {
		tr := Transform{Resize: 8, KeepAspect: true, Crop: 8}
		im, err := tr.resized(picture(c.width, c.height))
		if err != nil {
			t.Fatal(err)
		}
		if im.Width != c.toWidth || im.Height != c.toHeight {
			t.Errorf("%d×%d becomes %d×%d, want %d×%d", c.width, c.height, im.Width, im.Height, c.toWidth, c.toHeight)
		}
		if got, want := apply(t, tr, picture(c.width, c.height), 0), at(im, (im.Width-8)/2, (im.Height-8)/2, 8, false); !slices.Equal(got, want) {
			t.Errorf("%d×%d: the crop is not the centre", c.width, c.height)
		}
	}
	thin := newRGB(1, 400_000)
	if err := (Transform{Resize: 256, KeepAspect: true, Crop: 224}).Apply(thin, nil, make([]float32, 224*224*3)); err == nil || !strings.Contains(err.Error(), "256×102400000") {
		t.Errorf("error %v", err)
	}
}

func TestTenCrop(t *testing.T) {
	got := apply(t, Transform{Resize: 8, Crop: 5, View: TenCrop}, picture(8, 8), 0)
	im, mirrored := picture(8, 8), newRGB(8, 8)
	for y := range 8 {
		for x := range 8 {
			copy(mirrored.Pix[3*(8*y+x):][:3], im.Pix[3*(8*y+7-x):])
		}
	}
	var want []float32
	for _, im := range []*RGB{im, mirrored} {
		for _, place := range [][2]int{{0, 0}, {3, 0}, {0, 3}, {3, 3}, {2, 2}} {
			want = append(want, at(im, place[0], place[1], 5, false)...)
		}
	}
	if !slices.Equal(got, want) {
		t.Error("the crops are not torchvision's")
	}
}

// TestRandom checks that every place and its mirror image appear about equally
// often, and that the seed decides on them.
func TestRandom(t *testing.T) {
	im, tr := picture(8, 8), Transform{Resize: 8, Crop: 7, View: Random}
	count := make(map[string]int)
	const draws = 4000
	for seed := range uint64(draws) {
		got := apply(t, tr, im, seed)
		found := ""
		for _, mirror := range []bool{false, true} {
			for top := range 2 {
				for left := range 2 {
					if slices.Equal(got, at(im, left, top, 7, mirror)) {
						found = fmt.Sprint(left, top, mirror)
					}
				}
			}
		}
		if found == "" {
			t.Fatal("the crop is not a part of the picture")
		}
		count[found]++
		if seed < 10 && !slices.Equal(got, apply(t, tr, im, seed)) {
			t.Error("one seed gives two crops")
		}
	}
	for _, n := range count { // 500 each expected, standard deviation 21
		if len(count) != 8 || n < 400 || n > 600 {
			t.Fatalf("crops %v of %d", count, draws)
		}
	}
}

func TestTransformMisuse(t *testing.T) {
	err := Transform{Resize: 0, Crop: 4, View: 7}.validate()
	for _, want := range []string{"resizing photographs to 0 pixels", "a crop of 4 pixels out of 0", "view 7"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
	for _, misuse := range []func(){
		func() { _ = Transform{Resize: 4, Crop: 5}.Apply(picture(4, 4), nil, nil) },
		func() { _ = Transform{Resize: 4, Crop: 4}.Apply(picture(4, 4), nil, make([]float32, 5)) },
	} {
		func() {
			defer func() {
				if problem := fmt.Sprint(recover()); !strings.HasPrefix(problem, "photo: ") {
					t.Errorf("panic %q", problem)
				}
			}()
			misuse()
		}()
	}
}
