package loader

import (
	"context"
	"errors"
	"io"
	"sync"
)

// ErrClosed is the error of Next after Close.
var ErrClosed = errors.New("the loader is closed")

// Loader reads batches. Only one goroutine at a time may call Next; all other
// methods are safe for concurrent use.
type Loader struct {
	examples Examples
	size     int // values of an example
	seed     uint64
	options  Options

	stop    context.CancelFunc
	stopped <-chan struct{}
	running sync.WaitGroup // the planner and the examples that workers have taken
	leave   func()         // leaves the pool, once
	ahead   chan struct{}  // one entry for each batch that is in the queue or about to be
	queue   chan *pending  // in order of steps; closed after the last
	free    buffers

	next *pending // taken from the queue and not handed out yet
	err  error    // ended the loading

	broken broken
}

// New starts to read the batches of schedule(first), schedule(first+1), …: a
// step's indices of examples, and no indices after the last step. One goroutine
// calls schedule ahead of time and copies the slices. A panic in schedule is an
// error of that step's batch.
//
// The caller must call Close in the end.
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
		ahead: make(chan struct{}, o.Ahead), queue: make(chan *pending, o.Ahead),
		free:   make(buffers, o.Ahead+2), // those in flight, and one that was handed out
		broken: broken{tell: o.OnBroken},
	}
	jobs := o.Pool.join()
	l.leave = sync.OnceFunc(o.Pool.leave)
	l.running.Go(func() { l.plan(jobs, schedule, first) })
	return l
}

// Next returns the batch of the next step, and [io.EOF] after the last. It waits
// until the batch is complete or ctx is done; then it returns the cause of ctx, and
// a later call returns the batch. Every other error is final.
func (l *Loader) Next(ctx context.Context) (Batch, error) {
	switch {
	case l.closed():
		return Batch{}, ErrClosed
	case l.err != nil:
		return Batch{}, l.err
	case ctx.Err() != nil:
		return Batch{}, context.Cause(ctx)
	}
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
	return p.Batch, nil
}

// ended returns the error after the last batch of the queue.
func (l *Loader) ended() error {
	if l.closed() {
		return ErrClosed
	}
	l.err = io.EOF
	return l.err
}

// Recycle lets the loader reuse the values of a batch. The caller must neither
// use them any more nor recycle them twice.
func (l *Loader) Recycle(b Batch) { l.free.put(b.Values) }

// Close stops the reading, also while Next waits, and returns when no example is
// being read any more. Next returns [ErrClosed] afterwards. Close may be called
// again.
func (l *Loader) Close() {
	l.stop()
	l.running.Wait()
	l.leave()
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
