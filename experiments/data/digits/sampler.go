package digits

import (
	"fmt"
	"math/rand/v2"
)

// Sampler selects the images of each training step's batch. The batch depends only on (n, batch, seed, step), so
// resuming at any step needs no saved state.
//
// Epoch e, steps e·⌊n/batch⌋ to (e+1)·⌊n/batch⌋ − 1, walks through the permutation that PCG(seed, e) draws, so no image
// appears twice in an epoch. The n mod batch images left at its end are dropped; the next epoch's permutation leaves
// out others.
//
// Give each domain its own seed: two samplers of equal size and seed draw the same indices. A Sampler is not safe for
// concurrent use.
type Sampler struct {
	n, batch    int
	seed        uint64
	cachedEpoch int
	permutation []int // of cachedEpoch; nil before the first use
}

// NewSampler returns a sampler of batches of batch images out of n. Both must be at least one, and batch at most n.
func NewSampler(n, batch int, seed uint64) (*Sampler, error) {
	switch {
	case batch < 1:
		return nil, fmt.Errorf("sampler: batch of %d images, want at least 1", batch)
	case n < 1:
		return nil, fmt.Errorf("sampler: %d images to sample from, want at least 1", n)
	case batch > n:
		return nil, fmt.Errorf("sampler: batch of %d images out of only %d; use a smaller batch or more images", batch, n)
	}
	return &Sampler{n: n, batch: batch, seed: seed}, nil
}

// Indices returns the batch of a step, counted from 0: indices in [0, n), each at most once in an epoch. The slice stays
// valid; callers must not write to it. Indices panics if step is negative.
func (s *Sampler) Indices(step int) []int {
	if step < 0 {
		panic(fmt.Sprintf("digits: Sampler.Indices(%d): steps are counted from 0", step))
	}
	perEpoch := s.n / s.batch
	if epoch := step / perEpoch; s.permutation == nil || epoch != s.cachedEpoch {
		s.permutation = rand.New(rand.NewPCG(s.seed, uint64(epoch))).Perm(s.n)
		s.cachedEpoch = epoch
	}
	start := step % perEpoch * s.batch
	end := start + s.batch
	return s.permutation[start:end:end]
}
