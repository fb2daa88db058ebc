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

// ahead is how many batches are read beyond the one that a step takes: so many
// steps after the first have batches that were read while it was compiled.
const ahead = 2

// feed reads the batches of a case's photographs as rn train does: decoded each
// time, resized, cropped at random and mirrored at random.
type feed struct {
	loader *loader.Loader
	labels []int32
	shape  []int // of a batch
}

// newFeed starts to read.
func newFeed(c Case) (*feed, error) {
	photos, err := photobench.ReadFolders(c.Photos)
	if err != nil {
		return nil, fmt.Errorf("photographs: %w", err)
	}
	if len(photos.Classes) > c.classes() {
		return nil, fmt.Errorf("photographs in %s: %d classes, the network tells %d", c.Photos, len(photos.Classes), c.classes())
	}
	// The paper's share of 256 and 224 pixels.
	set, err := photo.NewSet(photos.Paths, photo.Transform{Resize: c.Size * 8 / 7, Crop: c.Size, View: photo.Random}, photo.SetOptions{})
	if err != nil {
		return nil, fmt.Errorf("photographs in %s: %w", c.Photos, err)
	}
	sampler, err := digits.NewSampler(set.Len(), c.Images(), 1)
	if err != nil {
		return nil, fmt.Errorf("photographs in %s: %w", c.Photos, err)
	}
	return &feed{
		loader: loader.New(set, sampler.Indices, 0, 1, loader.Options{Ahead: ahead}),
		labels: photos.Labels, shape: slices.Concat([]int{c.Images()}, set.Shape()),
	}, nil
}

// next is the next batch, and how long it was waited for.
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
