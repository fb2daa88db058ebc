package digits

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// twoByTwo returns three labelled 2×1 images of two channels.
func twoByTwo() *Images {
	return &Images{
		Name: "tiny", Height: 2, Width: 1, Channels: 2,
		Pixels:  []float32{0, 0.1, 0.2, 0.3, 1, 0.9, 0.8, 0.7, 0.5, 0.5, 0.5, 0.5},
		Labels:  []int32{0, 1, 1},
		Classes: []string{"a", "b"},
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name string
		edit func(im *Images)
		want string // in the error; "" for none
	}{
		{"good", func(*Images) {}, ""},
		{"no labels", func(im *Images) { im.Labels = nil }, ""},
		{"no width", func(im *Images) { im.Width = 0 }, "2×0×2"},
		{"part of an image", func(im *Images) { im.Pixels = im.Pixels[:11] }, "11 pixel values"},
		{"above one", func(im *Images) { im.Pixels[5] = 1.5 }, "image 1 has value 1.5 at position 1"},
		{"below zero", func(im *Images) { im.Pixels[0] = -0.5 }, "value -0.5"},
		{"not a number", func(im *Images) { im.Pixels[11] = float32(math.NaN()) }, "image 2 has value NaN at position 3"},
		{"label missing", func(im *Images) { im.Labels = im.Labels[:2] }, "2 labels for 3 images"},
		{"unknown class", func(im *Images) { im.Labels[2] = 2 }, "image 2 has label 2, but there are 2 classes"},
		{"negative label", func(im *Images) { im.Labels[0] = -1 }, "label -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			im := twoByTwo()
			tt.edit(im)
			wantError(t, im.Validate(), tt.want)
		})
	}
}

func TestBatch(t *testing.T) {
	im := twoByTwo()
	pixels, labels := im.Batch([]int{2, 0})
	if want := []float32{0.5, 0.5, 0.5, 0.5, 0, 0.1, 0.2, 0.3}; !slices.Equal(pixels, want) {
		t.Errorf("pixels %v, want %v", pixels, want)
	}
	if want := []int32{1, 0}; !slices.Equal(labels, want) {
		t.Errorf("labels %v, want %v", labels, want)
	}
	pixels[0] = 0.25
	if im.Pixels[8] != 0.5 {
		t.Error("writing to a batch changed the images")
	}
	if _, labels := im.WithoutLabels().Batch([]int{1}); labels != nil {
		t.Errorf("a batch without labels has labels %v", labels)
	}
	wantPanic(t, "index 3 is outside [0, 3)", func() { im.Batch([]int{0, 3}) })
	wantPanic(t, "index -1", func() { im.Batch([]int{-1}) })
}

func TestWithoutLabels(t *testing.T) {
	im := twoByTwo()
	bare := im.WithoutLabels()
	if bare.Labels != nil {
		t.Errorf("labels %v remain", bare.Labels)
	}
	if len(im.Labels) != 3 {
		t.Error("the original lost its labels")
	}
	if &bare.Pixels[0] != &im.Pixels[0] || bare.Len() != im.Len() {
		t.Error("the pixels are not shared")
	}
	if resized := bare.Resize(4, 4).Head(2); resized.Labels != nil {
		t.Errorf("labels %v came back", resized.Labels)
	}
}

func TestHead(t *testing.T) {
	im := twoByTwo()
	head := im.Head(2)
	if head.Len() != 2 || !slices.Equal(head.Labels, []int32{0, 1}) {
		t.Errorf("Head(2): %d images, labels %v", head.Len(), head.Labels)
	}
	if err := head.Validate(); err != nil {
		t.Error(err)
	}
	if got := im.Head(7).Len(); got != 3 {
		t.Errorf("Head(7) of 3 images has %d", got)
	}
	wantPanic(t, "Head(-1)", func() { im.Head(-1) })
}

func TestChecksumTellsContentApart(t *testing.T) {
	sums := map[string]string{twoByTwo().Checksum(): "original"}
	edits := map[string]func(im *Images){
		"pixel":     func(im *Images) { im.Pixels[11] = 0.25 },
		"label":     func(im *Images) { im.Labels[2] = 0 },
		"no labels": func(im *Images) { im.Labels = nil },
		"shape":     func(im *Images) { im.Height, im.Width = 1, 2 },
		"shorter":   func(im *Images) { *im = *im.Head(2) },
	}
	for name, edit := range edits {
		im := twoByTwo()
		edit(im)
		if other, taken := sums[im.Checksum()]; taken {
			t.Errorf("%s has the sum of %s", name, other)
		}
		sums[im.Checksum()] = name
	}
	renamed := twoByTwo()
	renamed.Name = "other"
	if sums[renamed.Checksum()] != "original" {
		t.Error("the name is part of the sum")
	}
}

// wantError checks that err contains want, or that err is nil if want is empty.
func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && err == nil:
		t.Errorf("no error, want one with %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want one with %q", err, want)
	}
}

// wantPanic checks that fn panics with a message that contains want.
func wantPanic(t *testing.T, want string, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		message, _ := recover().(string)
		if !strings.Contains(message, want) {
			t.Errorf("panic %q, want one with %q", message, want)
		}
	}()
	fn()
}
