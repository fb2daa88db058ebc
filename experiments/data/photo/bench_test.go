package photo

import (
	"math/rand/v2"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/drawn"
)

func BenchmarkDecode(b *testing.B) {
	data := drawn.JPEG(640, 480, 1)
	for b.Loop() {
		if _, err := decodeBytes(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	im, err := decodeBytes(drawn.JPEG(640, 480, 1))
	if err != nil {
		b.Fatal(err)
	}
	t := Transform{Resize: 256, Crop: 224, View: Random}
	draw, dst := rand.New(rand.NewPCG(0, 0)), make([]float32, 224*224*3)
	for b.Loop() {
		if err := t.Apply(im, draw, dst); err != nil {
			b.Fatal(err)
		}
	}
}
