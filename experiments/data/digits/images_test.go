package digits

import (
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
	if resized := bare.Resize(4, 4).head(2); resized.Labels != nil {
		t.Errorf("labels %v came back", resized.Labels)
	}
}

func TestHead(t *testing.T) {
	im := twoByTwo()
	head := im.head(2)
	if head.Len() != 2 || !slices.Equal(head.Labels, []int32{0, 1}) {
		t.Errorf("head(2): %d images, labels %v", head.Len(), head.Labels)
	}
	wantValid(t, head)
	if got := im.head(7).Len(); got != 3 {
		t.Errorf("head(7) of 3 images has %d", got)
	}
	wantPanic(t, "head(-1)", func() { im.head(-1) })
}

func TestChecksumTellsContentApart(t *testing.T) {
	sums := map[string]string{twoByTwo().Checksum(): "original"}
	edits := map[string]func(im *Images){
		"pixel":     func(im *Images) { im.Pixels[11] = 0.25 },
		"label":     func(im *Images) { im.Labels[2] = 0 },
		"no labels": func(im *Images) { im.Labels = nil },
		"shape":     func(im *Images) { im.Height, im.Width = 1, 2 },
		"shorter":   func(im *Images) { *im = *im.head(2) },
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

// wantValid checks that the pixels fill whole images with values in [0, 1], and that the images have known labels or none.
func wantValid(t *testing.T, im *Images) {
	t.Helper()
	if size := im.imageSize(); size < 1 || len(im.Pixels)%size != 0 {
		t.Errorf("%s: %d values do not fill images of %d×%d×%d", im.Name, len(im.Pixels), im.Height, im.Width, im.Channels)
	}
	if i := slices.IndexFunc(im.Pixels, func(v float32) bool { return !(v >= 0 && v <= 1) }); i >= 0 {
		t.Errorf("%s: value %d is %v, outside [0, 1]", im.Name, i, im.Pixels[i])
	}
	if im.Labels != nil && len(im.Labels) != im.Len() {
		t.Errorf("%s: %d labels for %d images", im.Name, len(im.Labels), im.Len())
	}
	if i := slices.IndexFunc(im.Labels, func(label int32) bool { return label < 0 || int(label) >= len(im.Classes) }); i >= 0 {
		t.Errorf("%s: image %d has label %d of %d classes", im.Name, i, im.Labels[i], len(im.Classes))
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
