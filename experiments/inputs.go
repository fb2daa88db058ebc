package experiments

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// set is the examples of a domain.
type set struct {
	name     string
	examples loader.Examples
	labels   []int32 // nil where training must not see them
	classes  []string
	crops    int // that an example consists of, in tests; 0 is one
}

// data is what a run reads.
type data struct {
	source, target, test set // target has no labels
	// digests tell whether another run read the same.
	digests map[string]string
}

// memory are examples in memory.
type memory struct {
	values []float32 // [n, shape…]
	shape  []int
	size   int
}

// newMemory makes examples of a shape out of values [n, shape…].
func newMemory(values []float32, shape ...int) *memory {
	return &memory{values, shape, sizeOf(shape)}
}

// sizeOf is the number of values of a shape.
func sizeOf(shape []int) int {
	size := 1
	for _, d := range shape {
		size *= d
	}
	return size
}

// Len implements loader.Examples.
func (m *memory) Len() int { return len(m.values) / m.size }

// Shape implements loader.Examples.
func (m *memory) Shape() []int { return m.shape }

// Read implements loader.Examples; nothing is augmented.
func (m *memory) Read(i int, _ *rand.Rand, dst []float32) error {
	copy(dst, m.values[i*m.size:(i+1)*m.size])
	return nil
}

// setOf is a set of images in memory.
func setOf(im *digits.Images) set {
	return set{name: im.Name, examples: newMemory(im.Pixels, im.Height, im.Width, im.Channels), labels: im.Labels, classes: im.Classes}
}

// loadDigits loads and resizes the images of a configuration.
func loadDigits(ctx context.Context, c Config, recipe Recipe, root string) (data, error) {
	load := func(name string) (digits.Splits, error) {
		spec, err := digits.Lookup(name)
		if err != nil {
			return digits.Splits{}, err
		}
		return spec.Load(ctx, digits.Options{Root: DatasetRoot(root, name), TrainLimit: c.TrainLimit})
	}
	source, err := load(c.Source)
	if err != nil {
		return data{}, err
	}
	target, err := load(c.Target)
	if err != nil {
		return data{}, err
	}
	if a, b := len(source.Train.Classes), len(target.Test.Classes); a != b {
		return data{}, fmt.Errorf("%s has %d classes, %s %d", c.Source, a, c.Target, b)
	}
	return data{
		source:  setOf(source.Train.Resize(recipe.Height, recipe.Width)),
		target:  setOf(target.Train.WithoutLabels().Resize(recipe.Height, recipe.Width)),
		test:    setOf(target.Test.Resize(recipe.Height, recipe.Width)),
		digests: map[string]string{"source": source.Train.Checksum(), "target": target.Train.WithoutLabels().Checksum(), "test": target.Test.Checksum()},
	}, nil
}

// DatasetRoot is the folder of a dataset of digits below root: root/name if
// there is one, root itself for USPS, the one dataset that no registry has, and
// else none.
func DatasetRoot(root, name string) string {
	if root == "" {
		return ""
	}
	if below := filepath.Join(root, name); isDir(below) {
		return below
	}
	if name == "usps" {
		return root
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
