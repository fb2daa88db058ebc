package input

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// Batch is the images of one step. It has no field for labels of the target.
type Batch struct {
	Source, Target *tensors.Tensor // [batch, …]
	SourceLabels   *tensors.Tensor // [batch]
}

// Finalize frees the tensors.
func (b Batch) Finalize() {
	for _, t := range []*tensors.Tensor{b.Source, b.Target, b.SourceLabels} {
		t.MustFinalizeAll()
	}
}

// Batches reads the batches of the next steps ahead of time.
type Batches struct {
	// Waited is the time that Next has waited for images.
	Waited time.Duration

	data           Data
	source, target *loader.Loader
}

// targetStream separates the target's draws from the source's, so that domains of
// equal size do not draw equal indices.
const targetStream = 0x9e3779b97f4a7c15

// sampler draws the indices of a domain's batches.
func sampler(c config.Config, s Set, seed uint64) (*digits.Sampler, error) {
	sampler, err := digits.NewSampler(s.Examples.Len(), c.BatchSize, seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return sampler, nil
}

// NewBatches reads the batches of the steps from first on. Source and target share
// o.Workers goroutines. Close must be called in the end.
func NewBatches(c config.Config, d Data, first int, o loader.Options) (*Batches, error) {
	sourceSeed, targetSeed := uint64(c.Seed), uint64(c.Seed)^targetStream
	source, err := sampler(c, d.Source, sourceSeed)
	if err != nil {
		return nil, err
	}
	target, err := sampler(c, d.Target, targetSeed)
	if err != nil {
		return nil, err
	}
	if o.Pool == nil {
		o.Pool = loader.NewPool(o.Workers)
	}
	return &Batches{
		data:   d,
		source: loader.New(d.Source.Examples, source.Indices, first, sourceSeed, o),
		target: loader.New(d.Target.Examples, target.Indices, first, targetSeed, o),
	}, nil
}

// Next returns the batch of the next step.
func (b *Batches) Next(ctx context.Context) (Batch, error) {
	start := time.Now()
	source, err := b.source.Next(ctx)
	if err != nil {
		return Batch{}, fmt.Errorf("%s: %w", b.data.Source.Name, err)
	}
	target, err := b.target.Next(ctx)
	if err != nil {
		return Batch{}, fmt.Errorf("%s: %w", b.data.Target.Name, err)
	}
	b.Waited += time.Since(start)
	labels := make([]int32, len(source.Indices))
	for i, index := range source.Indices {
		labels[i] = b.data.Source.Labels[index]
	}
	tensor := func(l *loader.Loader, s Set, x loader.Batch) *tensors.Tensor {
		t := tensors.FromFlatDataAndDimensions(x.Values, slices.Concat([]int{len(x.Indices)}, s.Examples.Shape())...)
		l.Recycle(x)
		return t
	}
	return Batch{
		Source: tensor(b.source, b.data.Source, source), Target: tensor(b.target, b.data.Target, target),
		SourceLabels: tensors.FromFlatDataAndDimensions(labels, len(labels)),
	}, nil
}

// Close stops reading.
func (b *Batches) Close() {
	b.source.Close()
	b.target.Close()
}
