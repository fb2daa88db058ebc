package loader

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// job is an example of a batch.
type job struct {
	batch *pending
	place int
}

// work reads examples.
func (l *Loader) work() {
	source := new(rand.PCG)
	draw := rand.New(source)
	for j := range l.jobs {
		start := time.Now()
		index, err := l.readAny(j, source, draw)
		l.counters.reading.Add(int64(time.Since(start)))
		j.batch.Indices[j.place] = index
		j.batch.end(j.place, err)
	}
}

// readAny reads an example of a batch, or with Skip the first after it that can
// be read.
func (l *Loader) readAny(j job, source *rand.PCG, draw *rand.Rand) (index int, err error) {
	wanted, n := j.batch.Indices[j.place], l.examples.Len()
	if wanted < 0 || wanted >= n {
		return wanted, fmt.Errorf("the schedule of step %d names example %d, there are %d", j.batch.Step, wanted, n)
	}
	dst := j.batch.Values[j.place*l.size:][:l.size:l.size]
	for i := range n {
		index := (wanted + i) % n
		if l.options.Broken == Skip && l.broken.has(index) {
			continue
		}
		if l.closed() {
			return index, ErrClosed
		}
		seed(source, l.seed, j.batch.Step, j.place) // the same whatever was tried before
		err := l.readOne(index, draw, dst)
		if err == nil {
			l.counters.examples.Add(1)
			return index, nil
		}
		if l.options.Broken != Skip {
			return index, err
		}
		l.broken.add(index, err)
	}
	return wanted, l.broken.all(n)
}

// readOne reads an example; a panic becomes an error.
func (l *Loader) readOne(index int, draw *rand.Rand, dst []float32) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = panicked(problem)
		}
		if err != nil {
			err = fmt.Errorf("example %d: %w", index, err)
		}
	}()
	return l.examples.Read(index, draw, dst)
}

// panicked is the error of a panic.
func panicked(problem any) error {
	if err, ok := problem.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", problem)
}

// seed begins the stream that the example at a place of a step's batch draws
// from. PCG has 128 bits of state: its two halves are the mixed seed, and the
// mixed step and place, so that neighbours share nothing.
func seed(source *rand.PCG, seed uint64, step, place int) {
	source.Seed(mix(seed), mix(uint64(step)<<32+uint64(place)))
}

// mix spreads the bits of x (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
