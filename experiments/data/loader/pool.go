package loader

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// Pool is a number of workers, each of which reads one example at a time, for all
// the loaders that share it. Its goroutines run while it has loaders that are not
// closed, so that a pool itself needs no closing.
type Pool struct {
	workers int

	mu      sync.Mutex
	loaders int            // that use the pool
	jobs    chan job       // of all loaders
	running sync.WaitGroup // the workers
}

// NewPool returns a pool of workers; 0 or fewer mean GOMAXPROCS.
func NewPool(workers int) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	return &Pool{workers: workers}
}

// join adds a loader and returns where it hands out its jobs.
func (p *Pool) join() chan<- job {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaders == 0 {
		jobs := make(chan job)
		p.jobs = jobs
		for range p.workers {
			p.running.Go(func() { work(jobs) })
		}
	}
	p.loaders++
	return p.jobs
}

// leave removes a loader, whose jobs are all done.
func (p *Pool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.loaders--; p.loaders == 0 {
		close(p.jobs)
		p.running.Wait()
	}
}

// job is an example of a batch that a worker reads.
type job struct {
	loader *Loader
	batch  *pending
	place  int
}

// work reads examples until there are no more jobs.
func work(jobs <-chan job) {
	w := new(worker)
	w.draw = rand.New(&w.source)
	for j := range jobs {
		j.loader.read(w, j.batch, j.place)
	}
}

// worker is what a worker keeps from one example to the next.
type worker struct {
	source rand.PCG
	draw   *rand.Rand // draws from source
}

// seed begins the stream of random numbers for the example at a place of a
// step's batch. The two halves of PCG's 128-bit state are the mixed seed and the
// mixed step and place, so that neighbours share nothing.
func (w *worker) seed(seed uint64, step, place int) {
	w.source.Seed(mix(seed), mix(uint64(step)<<32+uint64(place)))
}

// mix spreads the bits of x (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
