package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// batch is the images of one step. There is no place for labels of the target.
type batch struct {
	source, target *tensors.Tensor // [batch, …]
	sourceLabels   *tensors.Tensor // [batch]
}

// finalize frees the tensors.
func (b batch) finalize() {
	for _, t := range []*tensors.Tensor{b.source, b.target, b.sourceLabels} {
		t.MustFinalizeAll()
	}
}

// batches reads the batches of the steps ahead.
type batches struct {
	data           data
	source, target *loader.Loader
	waited         time.Duration
}

// targetStream tells the draws of the target from those of the source, so that
// equal sizes do not draw equal indices.
const targetStream = 0x9e3779b97f4a7c15

// sampler draws the indices of a domain's batches.
func sampler(c Config, s set, seed uint64) (*digits.Sampler, error) {
	sampler, err := digits.NewSampler(s.examples.Len(), c.BatchSize, seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return sampler, nil
}

// checkBatches checks that every domain has a batch of images.
func checkBatches(c Config, d data) error {
	_, sourceErr := sampler(c, d.source, 0)
	_, targetErr := sampler(c, d.target, 0)
	return errors.Join(sourceErr, targetErr)
}

// newBatches reads batches from a step on. Both domains share o.Workers.
func newBatches(c Config, d data, first int, o loader.Options) (*batches, error) {
	sourceSeed, targetSeed := uint64(c.Seed), uint64(c.Seed)^targetStream
	source, err := sampler(c, d.source, sourceSeed)
	if err != nil {
		return nil, err
	}
	target, err := sampler(c, d.target, targetSeed)
	if err != nil {
		return nil, err
	}
	o.Pool = loader.NewPool(o.Workers)
	return &batches{
		data:   d,
		source: loader.New(d.source.examples, source.Indices, first, sourceSeed, o),
		target: loader.New(d.target.examples, target.Indices, first, targetSeed, o),
	}, nil
}

// next returns the batch of the next step.
func (b *batches) next(ctx context.Context) (batch, error) {
	start := time.Now()
	source, err := b.source.Next(ctx)
	if err != nil {
		return batch{}, fmt.Errorf("%s: %w", b.data.source.name, err)
	}
	target, err := b.target.Next(ctx)
	if err != nil {
		return batch{}, fmt.Errorf("%s: %w", b.data.target.name, err)
	}
	b.waited += time.Since(start)
	labels := make([]int32, len(source.Indices))
	for i, index := range source.Indices {
		labels[i] = b.data.source.labels[index]
	}
	tensor := func(l *loader.Loader, s set, x loader.Batch) *tensors.Tensor {
		t := tensors.FromFlatDataAndDimensions(x.Values, slices.Concat([]int{len(x.Indices)}, s.examples.Shape())...)
		l.Recycle(x)
		return t
	}
	return batch{
		source: tensor(b.source, b.data.source, source), target: tensor(b.target, b.data.target, target),
		sourceLabels: tensors.FromFlatDataAndDimensions(labels, len(labels)),
	}, nil
}

// close stops reading.
func (b *batches) close() {
	b.source.Close()
	b.target.Close()
}
