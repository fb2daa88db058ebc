package digits

import (
	"fmt"
	"math/rand/v2"
)

// Sampler tells which images make up the batch of a training step. It is a function of (n, batch, seed, step) alone:
// nothing has to be saved to resume at any step.
//
// Epoch e, steps e·⌊n/batch⌋ to (e+1)·⌊n/batch⌋ − 1, walks through the permutation that PCG(seed, e) draws, so no image
// comes twice in an epoch. The n mod batch images left at its end are dropped; the next epoch's permutation
// leaves out others.
//
// Give each domain a seed of its own: two samplers of equal size and seed draw the same indices.
// A Sampler is not for use by several goroutines at a time; make one each.
type Sampler struct {
	n, batch    int
	seed        uint64
	cachedEpoch int
	permutation []int // of cachedEpoch; nil before the first use
}

// NewSampler makes the sampler of batches of batch images out of n. Both must be at least one, and batch at most n.
func NewSampler(n, batch int, seed uint64) (*Sampler, error) {
	switch {
	case batch < 1:
		return nil, fmt.Errorf("sampler: batch of %d images, must be at least 1", batch)
	case n < 1:
		return nil, fmt.Errorf("sampler: %d images to sample from, must be at least 1", n)
	case batch > n:
		return nil, fmt.Errorf("sampler: batch of %d images out of only %d; use a smaller batch or more images", batch, n)
	}
	return &Sampler{n: n, batch: batch, seed: seed}, nil
}

// StepsPerEpoch is the number of whole batches in an epoch: ⌊n/batch⌋.
func (s *Sampler) StepsPerEpoch() int { return s.n / s.batch }

// Epoch is the epoch that a step belongs to, both counted from 0.
func (s *Sampler) Epoch(step int) int { return step / s.StepsPerEpoch() }

// Indices returns the batch of the step (counted from 0): batch indices in [0, n), each at most once in an epoch.
// The slice stays valid, and must not be written to. It panics when step is negative.
func (s *Sampler) Indices(step int) []int {
	if step < 0 {
		panic(fmt.Sprintf("dataset: Sampler.Indices(%d): steps are counted from 0", step))
	}
	if epoch := s.Epoch(step); s.permutation == nil || epoch != s.cachedEpoch {
		s.permutation = rand.New(rand.NewPCG(s.seed, uint64(epoch))).Perm(s.n)
		s.cachedEpoch = epoch
	}
	start := step % s.StepsPerEpoch() * s.batch
	end := start + s.batch
	return s.permutation[start:end:end]
}
