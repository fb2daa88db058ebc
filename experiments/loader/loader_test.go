package loader_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments/loader"
)

// numbers are examples of two values: the index, and one that is drawn.
type numbers struct {
	n      int
	broken map[int]bool
	delay  func(i int) time.Duration
	block  chan struct{} // Read waits for it, if there is one
	reads  atomic.Int64
	panics bool
}

func (x *numbers) Len() int     { return x.n }
func (x *numbers) Shape() []int { return []int{2, 1} }
func (x *numbers) Read(i int, draw *rand.Rand, dst []float32) error {
	x.reads.Add(1)
	if x.block != nil {
		<-x.block
	}
	if x.delay != nil {
		time.Sleep(x.delay(i))
	}
	dst[0], dst[1] = float32(i), draw.Float32()
	if x.broken[i] {
		if x.panics {
			panic("out of tune")
		}
		return fmt.Errorf("photo-%d.jpg is broken", i)
	}
	return nil
}

// steps is a schedule of batches of three out of n, for a number of steps.
func steps(n, count int) func(int) []int {
	return func(step int) []int {
		if step >= count {
			return nil
		}
		return []int{step % n, (2*step + 1) % n, (5 * step) % n}
	}
}

// all reads every batch.
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
		l.Recycle(b)
	}
}

func equal(a, b loader.Batch) bool {
	return a.Step == b.Step && slices.Equal(a.Values, b.Values) && slices.Equal(a.Indices, b.Indices)
}

// TestSameForAllWorkers: batches are those of the schedule, in order, and depend
// neither on the number of workers nor on the step that reading begins at.
func TestSameForAllWorkers(t *testing.T) {
	const n, count = 7, 20
	slow := func(i int) time.Duration { return time.Duration(i%3) * 100 * time.Microsecond }
	want := all(t, loader.New(&numbers{n: n}, steps(n, count), 0, 3, loader.Options{Workers: 1, Ahead: 1}))
	if len(want) != count {
		t.Fatalf("%d batches", len(want))
	}
	drawn := make(map[float32]bool)
	for step, b := range want {
		if indices := steps(n, count)(step); b.Step != step || !slices.Equal(b.Indices, indices) {
			t.Errorf("step %d: %+v, want indices %v", step, b, indices)
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
	for _, o := range []loader.Options{{}, {Workers: 2}, {Workers: 8, Ahead: 5}} {
		for _, first := range []int{0, 13} {
			got := all(t, loader.New(&numbers{n: n, delay: slow}, steps(n, count), first, 3, o))
			if !slices.EqualFunc(got, want[first:], equal) {
				t.Errorf("%+v from step %d: %v, want %v", o, first, got, want[first:])
			}
		}
	}
	other := all(t, loader.New(&numbers{n: n}, steps(n, count), 0, 4, loader.Options{}))
	if other[0].Values[1] == want[0].Values[1] {
		t.Error("another seed draws the same")
	}
}

func TestFail(t *testing.T) {
	for _, panics := range []bool{false, true} {
		l := loader.New(&numbers{n: 7, broken: map[int]bool{3: true, 5: true}, panics: panics}, steps(7, 20), 0, 0, loader.Options{Workers: 4})
		defer l.Close()
		good := 0
		var err error
		for {
			if _, err = l.Next(t.Context()); err != nil {
				break
			}
			good++
		}
		// Step 1 is of examples 1, 3, 5: the first of the broken ones is named.
		want := "photo-3.jpg is broken"
		if panics {
			want = "example 3: out of tune"
		}
		if good != 1 || err.Error() != want {
			t.Errorf("after %d batches: %v, want %s", good, err, want)
		}
		if _, again := l.Next(t.Context()); again == nil || again.Error() != err.Error() {
			t.Errorf("the error is %v, then %v", err, again)
		}
	}
}

func TestSkip(t *testing.T) {
	broken := map[int]bool{3: true, 4: true, 6: true}
	instead := map[int]int{3: 5, 4: 5, 6: 0}
	var want []loader.Batch
	for _, workers := range []int{1, 8} {
		x := &numbers{n: 7, broken: broken}
		told := make(map[int]int)
		l := loader.New(x, steps(7, 20), 0, 9, loader.Options{Workers: workers, Broken: loader.Skip, OnBroken: func(i int, err error) {
			told[i]++
			if !strings.Contains(err.Error(), fmt.Sprint("photo-", i)) {
				t.Errorf("example %d: %v", i, err)
			}
		}})
		got := all(t, l)
		for step, b := range got {
			for place, index := range steps(7, 20)(step) {
				if to, ok := instead[index]; ok {
					index = to
				}
				if b.Indices[place] != index || b.Values[2*place] != float32(index) {
					t.Errorf("step %d place %d: example %d with values %v, want %d", step, place, b.Indices[place], b.Values, index)
				}
			}
		}
		if len(told) != 3 || told[3] != 1 || told[4] != 1 || told[6] != 1 || l.Stats().Broken != 3 {
			t.Errorf("told of %v, %+v", told, l.Stats())
		}
		if workers == 1 {
			want = got
		} else if !slices.EqualFunc(got, want, equal) {
			t.Errorf("%d workers read %v, one %v", workers, got, want)
		}
	}
	none := loader.New(&numbers{n: 2, broken: map[int]bool{0: true, 1: true}}, steps(2, 5), 0, 0, loader.Options{Broken: loader.Skip})
	defer none.Close()
	if _, err := none.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "none of the 2 examples can be read; the first: photo-0.jpg") {
		t.Errorf("error %v", err)
	}
}

func TestIndexBeyond(t *testing.T) {
	l := loader.New(&numbers{n: 2}, func(int) []int { return []int{2} }, 0, 0, loader.Options{})
	defer l.Close()
	if _, err := l.Next(t.Context()); err == nil || err.Error() != "example 2 of 2" {
		t.Errorf("error %v", err)
	}
}

// TestCancel: a wait that is given up loses no batch.
func TestCancel(t *testing.T) {
	x := &numbers{n: 7, block: make(chan struct{})}
	l := loader.New(x, steps(7, 3), 0, 0, loader.Options{})
	defer l.Close()
	why := errors.New("no patience")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for range 3 {
		if _, err := l.Next(ctx); !errors.Is(err, why) {
			t.Fatalf("error %v", err)
		}
	}
	close(x.block)
	for step := range 3 {
		if b, err := l.Next(t.Context()); err != nil || b.Step != step {
			t.Errorf("step %d: %+v, %v", step, b, err)
		}
	}
	if s := l.Stats(); s.Examples != 9 {
		t.Errorf("stats %+v, want 9 examples", s)
	}
}

// TestClose: nothing runs on, wherever the reading is.
func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for count := range 10 {
		l := loader.New(&numbers{n: 7}, steps(7, 1000), 0, 0, loader.Options{Workers: 4})
		for range count {
			if _, err := l.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		l.Close()
		l.Close()
		if _, err := l.Next(t.Context()); !errors.Is(err, loader.ErrClosed) {
			t.Errorf("error %v", err)
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// TestBounded: no more than the batches ahead are read before they are asked for.
func TestBounded(t *testing.T) {
	x := &numbers{n: 7}
	l := loader.New(x, steps(7, 1000), 0, 0, loader.Options{Workers: 4, Ahead: 3})
	defer l.Close()
	for range 100 {
		time.Sleep(time.Millisecond)
	}
	if reads := x.reads.Load(); reads != 3*3 {
		t.Errorf("%d examples are read ahead, want 9", reads)
	}
}
