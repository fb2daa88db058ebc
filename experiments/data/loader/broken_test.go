package loader_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// TestFail checks that any number of workers reports the error of the first place
// of the earliest step that has one, and that the error stays.
func TestFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			panics any
			want   string
		}{
			{nil, "example 3: photo-3.jpg is broken"},
			{"out of tune", "example 3: panic: out of tune"},
			{fs.ErrInvalid, "example 3: panic: invalid argument"},
		} {
			for _, workers := range []int{1, 2, 8} {
				// Step 1 is of the examples 1, 3, 5; example 5 fails before 3 does.
				x := &numbers{n: 7, broken: map[int]bool{3: true, 5: true}, panics: c.panics, uneven: true}
				l := loader.New(x, steps(7, 20), 0, 0, loader.Options{Workers: workers, OnBroken: func(int, error) { t.Error("OnBroken without Skip") }})
				if b, err := l.Next(t.Context()); err != nil || b.Step != 0 {
					t.Errorf("%+v, error %v", b, err)
				}
				for range 2 {
					_, err := l.Next(t.Context())
					if err == nil || err.Error() != c.want {
						t.Errorf("%d workers: error %v, want %s", workers, err, c.want)
					}
					if want, ok := c.panics.(error); ok && !errors.Is(err, want) {
						t.Errorf("error %v does not wrap %v", err, want)
					}
				}
				l.Close()
			}
		}
	})
}

// TestSkip checks that the next readable example takes the place of a broken one,
// and that each broken one is reported once.
func TestSkip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const count = 20
		bad := map[int]bool{3: true, 4: true, 6: true}
		instead := map[int]int{3: 5, 4: 5, 6: 0}
		var want []loader.Batch
		for _, workers := range []int{1, 2, 8} {
			x := &numbers{n: 7, broken: bad, uneven: true}
			told := make(map[int]int)
			var telling atomic.Int64
			l := loader.New(x, steps(7, count), 0, 9, loader.Options{Workers: workers, Broken: loader.Skip, OnBroken: func(i int, err error) {
				if telling.Add(1) != 1 {
					t.Error("OnBroken is called twice at a time")
				}
				defer telling.Add(-1)
				told[i]++
				if want := fmt.Sprintf("example %d: photo-%d.jpg is broken", i, i); err.Error() != want {
					t.Errorf("told %v, want %s", err, want)
				}
			}})
			got := all(t, l)
			schedule := steps(7, count)
			for step, b := range got {
				for place, index := range schedule(step) {
					if to, ok := instead[index]; ok {
						index = to
					}
					if b.Indices[place] != index || b.Values[2*place] != float32(index) {
						t.Errorf("step %d place %d: example %d with values %v, want %d", step, place, b.Indices[place], b.Values, index)
					}
				}
			}
			if !maps.Equal(told, map[int]int{3: 1, 4: 1, 6: 1}) {
				t.Errorf("%d workers: told of %v", workers, told)
			}
			// A single worker never retries an example that it knows to be broken.
			if reads := x.reads.Load(); workers == 1 && reads != 3*count+3 {
				t.Errorf("%d reads, want %d good ones and 3 broken ones", reads, 3*count)
			}
			if want == nil {
				want = got
			} else if !equalBatches(got, want) {
				t.Errorf("%d workers read %v, one %v", workers, got, want)
			}
		}
	})
}

// TestSkipDraws checks that a place draws the same numbers whether examples were
// skipped or not.
func TestSkipDraws(t *testing.T) {
	good := all(t, loader.New(&numbers{n: 7}, steps(7, 9), 0, 2, loader.Options{Workers: 1}))
	skipped := all(t, loader.New(&numbers{n: 7, broken: map[int]bool{1: true}}, steps(7, 9), 0, 2, loader.Options{Workers: 1, Broken: loader.Skip}))
	if len(skipped) != len(good) {
		t.Fatalf("%d batches, want %d", len(skipped), len(good))
	}
	for step, b := range skipped {
		for place := range b.Indices {
			if got, want := b.Values[2*place+1], good[step].Values[2*place+1]; got != want {
				t.Errorf("step %d place %d draws %v, want %v", step, place, got, want)
			}
		}
	}
}

func TestNoneLeft(t *testing.T) {
	for _, workers := range []int{1, 4} {
		x := &numbers{n: 5, broken: map[int]bool{0: true, 1: true, 2: true, 3: true, 4: true}}
		l := loader.New(x, steps(5, 5), 2, 0, loader.Options{Workers: workers, Broken: loader.Skip})
		_, err := l.Next(t.Context())
		l.Close()
		want := "no example can be read, of 5; the first: example 0: photo-0.jpg is broken\nexample 1: photo-1.jpg is broken\nexample 2: photo-2.jpg is broken"
		if err == nil || err.Error() != want {
			t.Errorf("%d workers: error %v, want %s", workers, err, want)
		}
	}
}

// TestBadSchedule checks that a mistake of the schedule is an error of its step.
func TestBadSchedule(t *testing.T) {
	for _, c := range []struct {
		policy loader.Policy
		bad    func() []int
		want   string
	}{
		{loader.Fail, func() []int { return []int{0, 7} }, "the schedule of step 2 names example 7, but there are 7"},
		{loader.Skip, func() []int { return []int{0, -1} }, "the schedule of step 2 names example -1, but there are 7"},
		{loader.Fail, func() []int { panic("no such step") }, "the schedule of step 2: panic: no such step"},
	} {
		l := loader.New(&numbers{n: 7}, func(step int) []int {
			if step == 2 {
				return c.bad()
			}
			return []int{step}
		}, 0, 0, loader.Options{Broken: c.policy})
		for step := range 2 {
			if b, err := l.Next(t.Context()); err != nil || b.Step != step {
				t.Errorf("%+v, error %v", b, err)
			}
		}
		for range 2 {
			if _, err := l.Next(t.Context()); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		}
		l.Close()
	}
}

// TestNothing reads without examples and without steps.
func TestNothing(t *testing.T) {
	l := loader.New(&numbers{}, func(int) []int { return []int{0} }, 0, 0, loader.Options{Broken: loader.Skip})
	defer l.Close()
	if _, err := l.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "names example 0, but there are 0") {
		t.Errorf("error %v", err)
	}
	none := loader.New(&numbers{}, func(int) []int { return nil }, 0, 0, loader.Options{})
	defer none.Close()
	for range 2 {
		if _, err := none.Next(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("error %v, want the end", err)
		}
	}
}
