package loader_test

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// reads counts how many examples are read at a time.
type reads struct{ now, most atomic.Int64 }

// counted are examples whose reads are counted.
type counted struct {
	*numbers
	reads *reads
}

func (c counted) Read(i int, draw *rand.Rand, dst []float32) error {
	now := c.reads.now.Add(1)
	for most := c.reads.most.Load(); now > most && !c.reads.most.CompareAndSwap(most, now); most = c.reads.most.Load() {
	}
	defer c.reads.now.Add(-1)
	return c.numbers.Read(i, draw, dst)
}

// TestPool checks that two loaders with one pool together read as many examples
// at a time as it has workers, and the same batches as each would alone.
func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, count, workers = 7, 20, 3
		var both reads
		open := func(seed uint64, o loader.Options) *loader.Loader {
			return loader.New(counted{&numbers{n: n, uneven: true}, &both}, steps(n, count), 0, seed, o)
		}
		want := [][]loader.Batch{all(t, open(1, loader.Options{Workers: 1})), all(t, open(2, loader.Options{Workers: 1}))}
		both.most.Store(0)

		shared := loader.Options{Pool: loader.NewPool(workers), Workers: 100}
		a, b := open(1, shared), open(2, shared)
		defer a.Close()
		defer b.Close()
		var got [2][]loader.Batch
		for range count {
			for i, l := range []*loader.Loader{a, b} {
				x, err := l.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got[i] = append(got[i], x)
			}
		}
		for i := range got {
			if !equalBatches(got[i], want[i]) {
				t.Errorf("loader %d reads other batches than alone", i)
			}
		}
		if most := both.most.Load(); most != workers {
			t.Errorf("%d examples were read at a time, want %d", most, workers)
		}
	})
}

// TestPoolFair checks that a loader gets workers although another one always has
// more slow examples to read.
func TestPoolFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := loader.Options{Pool: loader.NewPool(1), Ahead: 100}
		greedy := loader.New(slow{}, func(int) []int { return slices.Repeat([]int{0}, 100) }, 0, 0, shared)
		defer greedy.Close()
		modest := loader.New(slow{}, func(int) []int { return []int{1, 1, 1, 1} }, 0, 0, loader.Options{Pool: shared.Pool, Ahead: 1})
		defer modest.Close()
		start := time.Now()
		if _, err := modest.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Each example of 1 s waits for one of 3 s, the first for two.
		if took := time.Since(start); took > (4*(1+3)+3)*time.Second {
			t.Errorf("four examples took %v, want 19s at most", took)
		}
	})
}

// TestPoolAfterClose checks that loaders that were closed, even while they read,
// leave all workers to a later one.
func TestPoolAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := loader.NewPool(2)
		for range 5 {
			l := loader.New(slow{}, func(int) []int { return []int{0, 0, 1} }, 0, 0, loader.Options{Pool: pool})
			time.Sleep(500 * time.Millisecond)
			l.Close()
		}
		start := time.Now()
		l := loader.New(slow{}, func(int) []int { return []int{0, 0} }, 0, 0, loader.Options{Pool: pool})
		defer l.Close()
		if _, err := l.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("two examples of 3 s took %v, want 3s", took)
		}
	})
}
