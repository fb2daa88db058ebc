package loader

import (
	"math/rand/v2"
	"runtime"
)

// Examples are what batches are made of.
type Examples interface {
	// Len is their number.
	Len() int
	// Shape is that of one example.
	Shape() []int
	// Read writes all values of example i, in [0, Len()), to dst, which has room for
	// those of Shape and no more; it may hold values of another example before. draw
	// is what its augmentation draws from, and must not be kept. Read must be safe
	// for concurrent use. A panic in it counts as an error.
	Read(i int, draw *rand.Rand, dst []float32) error
}

// Policy says what becomes of a batch with an example that cannot be read.
type Policy int

const (
	// Fail ends the loading with the example's error: of the earliest step that has
	// one, that of the first place.
	Fail Policy = iota
	// Skip takes the next example that can be read in its place: i+1, i+2, … and
	// from 0 again after the last. Examples that could not be read are not tried
	// again.
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
	// time and before a batch with another in its place is handed out. The error
	// names the index. It must not call Close, which waits for it.
	OnBroken func(index int, err error)
}

// defaultAhead is Options.Ahead's default.
const defaultAhead = 2

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Ahead <= 0 {
		o.Ahead = defaultAhead
	}
	return o
}
