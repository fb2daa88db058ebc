package loader

import (
	"sync"
	"sync/atomic"
)

// Batch holds the examples of one step.
type Batch struct {
	Step int
	// Values are the examples' values one after another, [len(Indices), shape…].
	Values []float32
	// Indices are the examples that were read. With Skip they may differ from the
	// ones that the schedule names.
	Indices []int
}

// pending is a batch that is being read.
type pending struct {
	Batch
	left atomic.Int64  // examples still to be read
	done chan struct{} // closed when none are left

	mu       sync.Mutex
	err      error // of the first place that failed
	errPlace int
}

// newPending returns a batch of which nothing has been read.
func newPending(step int, values []float32, indices []int) *pending {
	p := &pending{Batch: Batch{Step: step, Values: values, Indices: indices}, done: make(chan struct{})}
	p.left.Store(int64(len(indices)))
	return p
}

// failed returns a batch whose reading cannot begin.
func failed(step int, err error) *pending {
	p := newPending(step, nil, nil)
	p.err = err
	close(p.done)
	return p
}

// end records that the example at a place was read, or why it was not.
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

// buffers keeps the values of recycled batches.
type buffers chan []float32

// take returns room for n values, recycled if possible.
func (b buffers) take(n int) []float32 {
	select {
	case values := <-b:
		if cap(values) >= n {
			return values[:n]
		}
	default:
	}
	return make([]float32, n)
}

// put keeps values for reuse; it drops them when it is full.
func (b buffers) put(values []float32) {
	if cap(values) == 0 {
		return
	}
	select {
	case b <- values:
	default:
	}
}
