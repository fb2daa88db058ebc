package loader

import "math/rand/v2"

// Examples are what a loader makes batches of.
type Examples interface {
	// Len returns the number of examples.
	Len() int
	// Shape returns the shape of one example.
	Shape() []int
	// Read writes all values of example i, in [0, Len()), to dst. The length and
	// the capacity of dst are the number of values of Shape; dst may still hold
	// another example's values. Augmentation draws from draw and must not keep it.
	// Read must be safe for concurrent use. A panic counts as an error.
	Read(i int, draw *rand.Rand, dst []float32) error
}

// Policy decides what happens when an example cannot be read.
type Policy int

const (
	// Fail ends the loading with the example's error. Of several errors it is the
	// one of the earliest step and, within a step, of the first place.
	Fail Policy = iota
	// Skip puts the next readable example in its place: i+1, i+2, …, and from 0
	// again after the last. It never retries examples that could not be read.
	Skip
)

// Options configure a loader.
type Options struct {
	// Workers is the number of examples read at a time; 0 means GOMAXPROCS. A loader
	// with a Pool ignores it.
	Workers int
	// Pool provides the workers. Loaders with the same pool together read no more
	// examples at a time than it has workers. nil means a pool of its own.
	Pool *Pool
	// Ahead is how many batches beyond the requested one are read; 0 means 2: one
	// hides the reading behind a step, the other evens out slow examples.
	Ahead int
	// Broken decides what happens when an example cannot be read. Default Fail.
	Broken Policy
	// OnBroken is called with Skip, once for each example that cannot be read, by
	// one goroutine at a time, and before a batch with a replacement is handed out.
	// The error names the index. OnBroken must not call Close, which waits for it.
	OnBroken func(index int, err error)
}

// defaultAhead is the default of Options.Ahead.
const defaultAhead = 2

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if o.Pool == nil {
		o.Pool = NewPool(o.Workers)
	}
	if o.Ahead <= 0 {
		o.Ahead = defaultAhead
	}
	return o
}
