package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Examples are what batches are made of.
type Examples interface {
	// Len is their number.
	Len() int
	// Shape is that of one example.
	Shape() []int
	// Read writes example i, in [0, Len()), to dst, which has the values of Shape.
	// draw is what its augmentation draws from. It must be safe for concurrent use.
	Read(i int, draw *rand.Rand, dst []float32) error
}

// Policy says what becomes of a batch with an example that cannot be read.
type Policy int

const (
	// Fail ends the loading with the example's error.
	Fail Policy = iota
	// Skip takes the next example that can be read in its place: i+1, i+2, … and
	// from 0 again after the last.
	Skip
)

// Options of a loader.
type Options struct {
	// Workers is how many examples are read at a time. Default GOMAXPROCS.
	Workers int
	// Ahead is how many batches beyond the one asked for are read. Default 2: one to
	// hide the reading behind a step, one for steps whose examples take longer.
	Ahead int
	// Broken says what becomes of examples that cannot be read. Default Fail.
	Broken Policy
	// OnBroken, with Skip, is told of each such example once, by one goroutine at a
	// time.
	OnBroken func(index int, err error)
}

// Batch is the examples of a step.
type Batch struct {
	Step int
	// Values are those of the examples one after another, [len(Indices), shape…].
	Values []float32
	// Indices are the examples that were read; with Skip, not always those that the
	// schedule names.
	Indices []int
}

// Stats is what a loader has done.
type Stats struct {
	// Examples that were read.
	Examples int64
	// Broken is the number of different examples that could not be read.
	Broken int
	// Waited is how long Next has waited for workers.
	Waited time.Duration
}

// ErrClosed is the error of Next after Close.
var ErrClosed = errors.New("the loader is closed")

// defaultAhead is Options.Ahead's default.
const defaultAhead = 2

// Loader reads batches. Next, Recycle and Close are for one goroutine at a time.
type Loader struct {
	examples Examples
	size     int // values of an example
	seed     uint64
	options  Options

	stop    context.CancelFunc
	stopped <-chan struct{}
	running sync.WaitGroup
	queue   chan *pending // in order of steps; closed after the last
	jobs    chan job
	free    chan []float32

	next *pending // taken from the queue and not handed out yet
	err  error    // that ended the loading

	read   atomic.Int64
	waited atomic.Int64

	mu     sync.Mutex
	broken map[int]error
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

// job is an example of a batch.
type job struct {
	batch *pending
	place int
}

// New starts to read the batches of schedule(first), schedule(first+1), …: the
// indices of a step's examples, none after the last step. It is called by one
// goroutine, ahead of time, and its slices are copied.
//
// Close must be called in the end.
func New(examples Examples, schedule func(step int) []int, first int, seed uint64, o Options) *Loader {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Ahead <= 0 {
		o.Ahead = defaultAhead
	}
	size := 1
	for _, d := range examples.Shape() {
		size *= d
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &Loader{
		examples: examples, size: size, seed: seed, options: o,
		stop: stop, stopped: ctx.Done(),
		queue: make(chan *pending, o.Ahead), jobs: make(chan job), free: make(chan []float32, o.Ahead+1),
		broken: make(map[int]error),
	}
	l.running.Go(func() { l.plan(schedule, first) })
	for range o.Workers {
		l.running.Go(l.work)
	}
	return l
}

// plan hands out the examples of one step after another.
func (l *Loader) plan(schedule func(step int) []int, first int) {
	defer close(l.jobs)
	defer close(l.queue)
	for step := first; ; step++ {
		indices := slices.Clone(schedule(step))
		if len(indices) == 0 {
			return
		}
		p := &pending{Batch: Batch{Step: step, Values: l.buffer(len(indices) * l.size), Indices: indices}, done: make(chan struct{})}
		p.left.Store(int64(len(indices)))
		select {
		case l.queue <- p:
		case <-l.stopped:
			return
		}
		for place := range indices {
			select {
			case l.jobs <- job{p, place}:
			case <-l.stopped:
				return
			}
		}
	}
}

// buffer returns n values, recycled if possible.
func (l *Loader) buffer(n int) []float32 {
	select {
	case values := <-l.free:
		if cap(values) >= n {
			return values[:n]
		}
	default:
	}
	return make([]float32, n)
}

// work reads examples.
func (l *Loader) work() {
	source := rand.NewPCG(0, 0)
	draw := rand.New(source)
	for j := range l.jobs {
		index, err := l.readAny(j, source, draw)
		j.batch.Indices[j.place] = index
		j.batch.end(j.place, err)
	}
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

// readAny reads an example of a batch, or with Skip the first after it that can
// be read.
func (l *Loader) readAny(j job, source *rand.PCG, draw *rand.Rand) (index int, err error) {
	wanted, n := j.batch.Indices[j.place], l.examples.Len()
	if wanted < 0 || wanted >= n {
		return wanted, fmt.Errorf("example %d of %d", wanted, n)
	}
	dst := j.batch.Values[j.place*l.size:][:l.size:l.size]
	for i := range n {
		index := (wanted + i) % n
		if l.knownBroken(index) {
			continue
		}
		source.Seed(mix(l.seed), mix(uint64(j.batch.Step)<<32+uint64(j.place))) // the same whatever was tried before
		err := l.readOne(index, draw, dst)
		if err == nil {
			l.read.Add(1)
			return index, nil
		}
		if l.options.Broken != Skip {
			return index, err
		}
		l.reportBroken(index, err)
	}
	return wanted, l.noneLeft()
}

// mix spreads the bits of x (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// readOne reads an example; a panic becomes an error.
func (l *Loader) readOne(index int, draw *rand.Rand, dst []float32) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("example %d: %v", index, problem)
		}
	}()
	return l.examples.Read(index, draw, dst)
}

// knownBroken reports whether an example could not be read before.
func (l *Loader) knownBroken(index int) bool {
	if l.options.Broken != Skip {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.broken[index]
	return known
}

// reportBroken remembers and tells that an example cannot be read.
func (l *Loader) reportBroken(index int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.broken[index]; known {
		return
	}
	l.broken[index] = err
	if l.options.OnBroken != nil {
		l.options.OnBroken(index, err)
	}
}

// noneLeft is the error of examples of which none can be read.
func (l *Loader) noneLeft() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Errorf("none of the %d examples can be read; the first: %w", l.examples.Len(), l.broken[0])
}

// Next returns the batch of the next step, and [io.EOF] after the last. It waits
// until the batch is whole or ctx is done, whose cause is then the error; the
// batch is not lost, a later call returns it.
func (l *Loader) Next(ctx context.Context) (Batch, error) {
	if l.err != nil {
		return Batch{}, l.err
	}
	start := time.Now()
	defer func() { l.waited.Add(int64(time.Since(start))) }()
	if l.next == nil {
		select {
		case p, more := <-l.queue:
			if !more {
				l.err = io.EOF
				return Batch{}, l.err
			}
			l.next = p
		case <-ctx.Done():
			return Batch{}, context.Cause(ctx)
		}
	}
	select {
	case <-l.next.done:
	case <-ctx.Done():
		return Batch{}, context.Cause(ctx)
	}
	p := l.next
	l.next = nil
	if p.err != nil {
		l.err = p.err
		return Batch{}, l.err
	}
	return p.Batch, nil
}

// Recycle hands the values of a batch back, for another batch: they must not be
// used any more.
func (l *Loader) Recycle(b Batch) {
	select {
	case l.free <- b.Values:
	default:
	}
}

// Close stops the reading and waits for its goroutines. Next returns [ErrClosed]
// afterwards. It may be called again.
func (l *Loader) Close() {
	l.stop()
	l.running.Wait()
	l.err = ErrClosed
}

// Stats says what has been done so far. It is safe for concurrent use.
func (l *Loader) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Examples: l.read.Load(), Broken: len(l.broken), Waited: time.Duration(l.waited.Load())}
}
