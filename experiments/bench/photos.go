package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/data/photobench"
)

// ahead is the number of batches that are read in advance. The batches of that
// many steps after the first were read while the step was compiled.
const ahead = 2

// feed reads batches of photographs as rn train does: it decodes each time,
// resizes, and crops and mirrors at random.
type feed struct {
	loader *loader.Loader
	labels []int32
	shape  []int // of a batch
}

// newFeed starts reading.
func newFeed(c Case) (*feed, error) {
	photos, err := photobench.ReadFolders(c.Photos)
	if err != nil {
		return nil, fmt.Errorf("photographs: %w", err)
	}
	if len(photos.Classes) > c.classes() {
		return nil, fmt.Errorf("photographs in %s: %d classes, but the network has %d", c.Photos, len(photos.Classes), c.classes())
	}
	// Resize and crop have the paper's ratio, 256 to 224 pixels.
	set, err := photo.NewSet(photos.Paths, photo.Transform{Resize: c.Size * 8 / 7, Crop: c.Size, View: photo.Random}, photo.SetOptions{})
	if err != nil {
		return nil, fmt.Errorf("photographs in %s: %w", c.Photos, err)
	}
	sampler, err := digits.NewSampler(set.Len(), c.images(), 1)
	if err != nil {
		return nil, fmt.Errorf("photographs in %s: %w", c.Photos, err)
	}
	return &feed{
		loader: loader.New(set, sampler.Indices, 0, 1, loader.Options{Ahead: ahead}),
		labels: photos.Labels, shape: slices.Concat([]int{c.images()}, set.Shape()),
	}, nil
}

// next returns the next batch and how long it waited for it.
func (f *feed) next() (images, labels *tensors.Tensor, waited time.Duration, err error) {
	began := time.Now()
	b, err := f.loader.Next(context.Background())
	if err != nil {
		return nil, nil, 0, err
	}
	waited = time.Since(began)
	of := make([]int32, len(b.Indices))
	for i, index := range b.Indices {
		of[i] = f.labels[index]
	}
	images = tensors.FromFlatDataAndDimensions(b.Values, f.shape...)
	f.loader.Recycle(b)
	return images, tensors.FromFlatDataAndDimensions(of, len(of)), waited, nil
}
