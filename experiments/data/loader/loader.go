package loader

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// ErrClosed is the error of Next after Close.
var ErrClosed = errors.New("the loader is closed")

// Loader reads batches. Next is for one goroutine at a time, all else is safe
// for concurrent use.
type Loader struct {
	examples Examples
	size     int // values of an example
	seed     uint64
	options  Options

	stop    context.CancelFunc
	stopped <-chan struct{}
	running sync.WaitGroup
	ahead   chan struct{} // has one for each batch in the queue, or about to be
	queue   chan *pending // in order of steps; closed after the last
	jobs    chan job
	free    pool

	next *pending // taken from the queue and not handed out yet
	err  error    // that ended the loading

	broken   broken
	counters counters
}

// New starts to read the batches of schedule(first), schedule(first+1), …: the
// indices of a step's examples, none after the last step. It is called by one
// goroutine, ahead of time, and its slices are copied. A panic in it is an error
// of that step's batch.
//
// Close must be called in the end.
func New(examples Examples, schedule func(step int) []int, first int, seed uint64, o Options) *Loader {
	o = o.withDefaults()
	size := 1
	for _, d := range examples.Shape() {
		size *= d
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &Loader{
		examples: examples, size: size, seed: seed, options: o,
		stop: stop, stopped: ctx.Done(),
		ahead: make(chan struct{}, o.Ahead), queue: make(chan *pending, o.Ahead), jobs: make(chan job),
		free: make(pool, o.Ahead+2), // those in flight, and one that was handed out
	}
	l.broken.tell = func(index int, err error) {
		l.counters.broken.Add(1)
		if o.OnBroken != nil {
			o.OnBroken(index, err)
		}
	}
	l.running.Go(func() { l.plan(schedule, first) })
	for range o.Workers {
		l.running.Go(l.work)
	}
	return l
}

// Next returns the batch of the next step, and [io.EOF] after the last. It waits
// until the batch is whole or ctx is done, whose cause is then the error; the
// batch is not lost, a later call returns it. Every other error is final.
func (l *Loader) Next(ctx context.Context) (Batch, error) {
	switch {
	case l.closed():
		return Batch{}, ErrClosed
	case l.err != nil:
		return Batch{}, l.err
	case ctx.Err() != nil:
		return Batch{}, context.Cause(ctx)
	}
	start := time.Now()
	defer func() { l.counters.waited.Add(int64(time.Since(start))) }()
	if l.next == nil {
		select {
		case p, more := <-l.queue:
			if !more {
				return Batch{}, l.ended()
			}
			l.next = p
			<-l.ahead
		case <-ctx.Done():
			return Batch{}, context.Cause(ctx)
		case <-l.stopped:
			return Batch{}, ErrClosed
		}
	}
	select {
	case <-l.next.done:
	case <-ctx.Done():
		return Batch{}, context.Cause(ctx)
	case <-l.stopped:
		return Batch{}, ErrClosed
	}
	p := l.next
	l.next = nil
	if p.err != nil {
		l.err = p.err
		return Batch{}, l.err
	}
	l.counters.batches.Add(1)
	return p.Batch, nil
}

// ended is the error after the last batch of the queue.
func (l *Loader) ended() error {
	if l.closed() {
		return ErrClosed
	}
	l.err = io.EOF
	return l.err
}

// Recycle hands the values of a batch back, for another batch: they must not be
// used any more, nor handed back twice.
func (l *Loader) Recycle(b Batch) { l.free.put(b.Values) }

// Close stops the reading, also under a Next that waits, and waits for the
// examples that are being read. Next returns [ErrClosed] afterwards. It may be
// called again.
func (l *Loader) Close() {
	l.stop()
	l.running.Wait()
}

// closed reports whether Close was called.
func (l *Loader) closed() bool {
	select {
	case <-l.stopped:
		return true
	default:
		return false
	}
}
