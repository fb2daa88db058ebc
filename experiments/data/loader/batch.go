package loader

import (
	"sync"
	"sync/atomic"
)

// Batch is the examples of a step.
type Batch struct {
	Step int
	// Values are those of the examples one after another, [len(Indices), shape…].
	Values []float32
	// Indices are the examples that were read; with Skip, not always those that the
	// schedule names.
	Indices []int
}

// pending is a batch that is being read.
type pending struct {
	Batch
	left atomic.Int64  // examples
	done chan struct{} // closed when none is left

	mu       sync.Mutex
	err      error // of the first place that has one
	errPlace int
}

// newPending is a batch of which nothing has been read.
func newPending(step int, values []float32, indices []int) *pending {
	p := &pending{Batch: Batch{Step: step, Values: values, Indices: indices}, done: make(chan struct{})}
	p.left.Store(int64(len(indices)))
	return p
}

// failed is a batch that cannot be begun.
func failed(step int, err error) *pending {
	p := newPending(step, nil, nil)
	p.err = err
	close(p.done)
	return p
}

// end ends the reading of an example of the batch.
func (p *pending) end(place int, err error) {
	if err != nil {
		p.mu.Lock()
		if p.err == nil || place < p.errPlace {
			p.err, p.errPlace = err, place
		}
		p.mu.Unlock()
	}
	if p.left.Add(-1) == 0 {
		close(p.done)
	}
}

// pool keeps the values of batches that are not used any more.
type pool chan []float32

// take returns n values, used ones if there are any.
func (p pool) take(n int) []float32 {
	select {
	case values := <-p:
		if cap(values) >= n {
			return values[:n]
		}
	default:
	}
	return make([]float32, n)
}

// put gives values back; they are dropped where there is no room.
func (p pool) put(values []float32) {
	if cap(values) == 0 {
		return
	}
	select {
	case p <- values:
	default:
	}
}
