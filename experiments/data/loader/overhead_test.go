package loader_test

import (
	"math/rand/v2"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// digits are examples of 28×28 values in memory.
type digits struct{ values [28 * 28]float32 }

func (*digits) Len() int     { return 1000 }
func (*digits) Shape() []int { return []int{28, 28, 1} }
func (d *digits) Read(_ int, _ *rand.Rand, dst []float32) error {
	copy(dst, d.values[:])
	return nil
}

// BenchmarkOverhead reads batches of 64 examples that cost next to nothing, so it
// measures the loader itself.
func BenchmarkOverhead(b *testing.B) {
	indices := make([]int, 64)
	l := loader.New(new(digits), func(int) []int { return indices }, 0, 0, loader.Options{})
	defer l.Close()
	b.ReportAllocs()
	for b.Loop() {
		x, err := l.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		l.Recycle(x)
	}
}
