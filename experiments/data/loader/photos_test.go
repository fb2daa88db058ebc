package loader_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/internal/drawn"
)

// photos returns the photographs in the class folders of $RN_PHOTOS, or writes
// some of 300×300 pixels.
func photos(b *testing.B) (paths []string) {
	if folder := os.Getenv("RN_PHOTOS"); folder != "" {
		paths, err := filepath.Glob(filepath.Join(folder, "*", "*.jpg"))
		if err != nil {
			b.Fatal(err)
		}
		return paths
	}
	dir := b.TempDir()
	for i := range 72 {
		path := filepath.Join(dir, fmt.Sprintf("%d.jpg", i))
		if err := os.WriteFile(path, drawn.JPEG(300, 300, i), 0o644); err != nil {
			b.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// BenchmarkPhotos reads batches of 36 random views of 224×224 pixels without
// keeping photographs in memory. torchvision/peer.py does the same in PyTorch's
// DataLoader, and torchvision/compare.sh compares the two.
func BenchmarkPhotos(b *testing.B) {
	const batch = 36
	paths := photos(b)
	if len(paths) < batch {
		b.Fatalf("%d photographs (*.jpg) in the class folders of $RN_PHOTOS, want %d or more", len(paths), batch)
	}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			set, err := photo.NewSet(paths, photo.Transform{Resize: 256, Crop: 224, View: photo.Random}, photo.SetOptions{})
			if err != nil {
				b.Fatal(err)
			}
			schedule := func(step int) []int {
				return rand.New(rand.NewPCG(1, uint64(step))).Perm(len(paths))[:batch]
			}
			l := loader.New(set, schedule, 0, 1, loader.Options{Workers: workers})
			defer l.Close()
			for b.Loop() {
				x, err := l.Next(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				l.Recycle(x)
			}
			b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
