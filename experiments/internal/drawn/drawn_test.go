package drawn

import (
	"bytes"
	"image/jpeg"
	"testing"
)

// TestJPEG checks that the size and the number determine the picture.
func TestJPEG(t *testing.T) {
	one := JPEG(40, 30, 1)
	im, err := jpeg.Decode(bytes.NewReader(one))
	if err != nil || im.Bounds().Dx() != 40 || im.Bounds().Dy() != 30 {
		t.Fatalf("%v, error %v", im, err)
	}
	if !bytes.Equal(one, JPEG(40, 30, 1)) || bytes.Equal(one, JPEG(40, 30, 2)) {
		t.Error("equal numbers give different files, or different numbers the same")
	}
}
