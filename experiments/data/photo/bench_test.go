package photo_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
)

// photograph is a JPEG file of 640×480.
func photograph(b *testing.B) []byte {
	im := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			v := 127 + 100*math.Sin(float64(x*y)/999)
			im.Set(x, y, color.RGBA{uint8(v), uint8(255 - v), uint8(x + y), 255})
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, im, &jpeg.Options{Quality: 90}); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	data := photograph(b)
	for b.Loop() {
		if _, err := photo.Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	im, err := photo.Decode(photograph(b))
	if err != nil {
		b.Fatal(err)
	}
	t := photo.Transform{Resize: 256, Crop: 224, View: photo.Random}
	draw, dst := rand.New(rand.NewPCG(0, 0)), make([]float32, 224*224*3)
	for b.Loop() {
		if err := t.Apply(im, draw, dst); err != nil {
			b.Fatal(err)
		}
	}
}
