package loader_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// numbers are examples of two values: the index and a random draw.
type numbers struct {
	n      int
	broken map[int]bool
	panics any           // Read of a broken example panics with it, unless nil
	block  chan struct{} // Read waits until it is closed, unless nil
	uneven bool          // examples take different times
	reads  atomic.Int64
}

func (x *numbers) Len() int     { return x.n }
func (x *numbers) Shape() []int { return []int{2, 1} }
func (x *numbers) Read(i int, draw *rand.Rand, dst []float32) error {
	x.reads.Add(1)
	if x.block != nil {
		<-x.block
	}
	if x.uneven {
		time.Sleep(time.Duration((i*7+3)%5) * time.Millisecond)
	}
	if len(dst) != 2 || cap(dst) != 2 {
		return fmt.Errorf("room for %d of %d values", len(dst), cap(dst))
	}
	dst[0], dst[1] = float32(i), draw.Float32()
	if x.broken[i] {
		if x.panics != nil {
			panic(x.panics)
		}
		return fmt.Errorf("photo-%d.jpg is broken", i)
	}
	return nil
}

// steps returns a schedule of count batches of three out of n examples. It
// always returns the same slice.
func steps(n, count int) func(int) []int {
	indices := make([]int, 3)
	return func(step int) []int {
		if step >= count {
			return nil
		}
		indices[0], indices[1], indices[2] = step%n, (2*step+1)%n, 5*step%n
		return indices
	}
}

// all reads every batch and closes the loader.
func all(t *testing.T, l *loader.Loader) (batches []loader.Batch) {
	t.Helper()
	defer l.Close()
	for {
		b, err := l.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return batches
		}
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, loader.Batch{Step: b.Step, Values: slices.Clone(b.Values), Indices: slices.Clone(b.Indices)})
		for i := range b.Values { // nothing may rely on what a used buffer holds
			b.Values[i] = float32(math.NaN())
		}
		l.Recycle(b)
	}
}

// equalBatches compares batches in order.
func equalBatches(a, b []loader.Batch) bool {
	return slices.EqualFunc(a, b, func(a, b loader.Batch) bool {
		return a.Step == b.Step && slices.Equal(a.Values, b.Values) && slices.Equal(a.Indices, b.Indices)
	})
}

// TestOrder checks that batches follow the schedule, in order, whichever example
// is read first.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, count = 7, 20
		got := all(t, loader.New(&numbers{n: n, uneven: true}, steps(n, count), 0, 3, loader.Options{Workers: 5, Ahead: 4}))
		if len(got) != count {
			t.Fatalf("%d batches, want %d", len(got), count)
		}
		schedule := steps(n, count)
		drawn := make(map[float32]bool)
		for step, b := range got {
			if b.Step != step || !slices.Equal(b.Indices, schedule(step)) || len(b.Values) != 2*len(b.Indices) {
				t.Errorf("step %d: %+v, want indices %v", step, b, schedule(step))
				continue
			}
			for place, index := range b.Indices {
				if b.Values[2*place] != float32(index) {
					t.Errorf("step %d: values %v of examples %v", step, b.Values, b.Indices)
				}
				drawn[b.Values[2*place+1]] = true
			}
		}
		if len(drawn) != 3*count {
			t.Errorf("%d different draws in %d places", len(drawn), 3*count)
		}
	})
}

// TestSameForAll checks that batches depend on the seed, but not on the number of
// workers, the number of batches ahead or the step that reading begins at.
func TestSameForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, count = 7, 20
		read := func(first int, seed uint64, o loader.Options) []loader.Batch {
			return all(t, loader.New(&numbers{n: n, uneven: true}, steps(n, count), first, seed, o))
		}
		want := read(0, 3, loader.Options{Workers: 1, Ahead: 1})
		for _, o := range []loader.Options{{}, {Workers: 2}, {Workers: 8, Ahead: 5}, {Workers: -1, Ahead: -1}} {
			for _, first := range []int{0, 13, count} {
				if got := read(first, 3, o); !equalBatches(got, want[first:]) {
					t.Errorf("%+v from step %d: %v, want %v", o, first, got, want[first:])
				}
			}
		}
		other := read(0, 4, loader.Options{})
		for step, b := range other {
			for place := range b.Indices {
				if b.Values[2*place+1] == want[step].Values[2*place+1] {
					t.Errorf("step %d place %d: seeds 3 and 4 draw the same", step, place)
				}
			}
		}
	})
}

// TestDraws pins the random draws: if they change, resumed runs differ from
// uninterrupted ones.
func TestDraws(t *testing.T) {
	l := loader.New(&numbers{n: 7}, steps(7, 1001), 1000, 1, loader.Options{})
	defer l.Close()
	b, err := l.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{0.65600634, 0.9677274, 0.23040414}
	if got := []float32{b.Values[1], b.Values[3], b.Values[5]}; !slices.Equal(got, want) {
		t.Errorf("step 1000 of seed 1 draws %v, want %v", got, want)
	}
}

// TestSizes checks that batches of different sizes can share buffers.
func TestSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		schedule := func(step int) []int {
			if step == 12 {
				return nil
			}
			return slices.Repeat([]int{step}, 1+step*5%7)
		}
		for step, b := range all(t, loader.New(&numbers{n: 12, uneven: true}, schedule, 0, 0, loader.Options{Workers: 3})) {
			if !slices.Equal(b.Indices, schedule(step)) || len(b.Values) != 2*len(b.Indices) {
				t.Errorf("step %d: %+v", step, b)
			}
		}
	})
}

// TestOneSlowExample checks that the rest of its batch is read meanwhile.
func TestOneSlowExample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		l := loader.New(slow{}, func(step int) []int { return []int{0, 1, 1, 1} }, 0, 0, loader.Options{Workers: 2, Ahead: 1})
		defer l.Close()
		if _, err := l.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Example 0 takes as long as three of example 1.
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("two workers took %v, want 3s", took)
		}
	})
}

// slow are two examples without values that take 3 s and 1 s.
type slow struct{}

func (slow) Len() int     { return 2 }
func (slow) Shape() []int { return []int{0} }
func (slow) Read(i int, _ *rand.Rand, _ []float32) error {
	time.Sleep(time.Duration(3-2*i) * time.Second)
	return nil
}
