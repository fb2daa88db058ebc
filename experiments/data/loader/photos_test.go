package loader_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
)

// photos is a folder of photographs in a folder for each class; the variable
// RN_PHOTOS names another.
const photos = "../../../../shared/data/office-caltech10/amazon"

// BenchmarkPhotos reads batches of 36 random views of 224×224 of real
// photographs, none of them kept in memory: what torchvision/peer.py does with a
// torch DataLoader. See torchvision/compare.sh.
func BenchmarkPhotos(b *testing.B) {
	const batch = 36
	folder := cmp.Or(os.Getenv("RN_PHOTOS"), photos)
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*.jpg"))
	if err != nil {
		b.Fatal(err)
	}
	if len(paths) < batch {
		b.Skipf("%d photographs (*.jpg) in the folders of %s, want %d or more", len(paths), folder, batch)
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
