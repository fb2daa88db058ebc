package loader_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
)

// A synctest bubble ends only when all its goroutines have ended, so each of these
// tests also finds goroutines that Close leaves behind.

// TestCancel checks that cancelling a wait loses no batch.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := &numbers{n: 7, block: make(chan struct{})}
		l := loader.New(x, steps(7, 3), 0, 0, loader.Options{})
		defer l.Close()
		why := errors.New("no patience")
		for range 3 {
			ctx, cancel := context.WithCancelCause(t.Context())
			result := make(chan error)
			go func() {
				_, err := l.Next(ctx)
				result <- err
			}()
			synctest.Wait() // until Next waits for the examples
			cancel(why)
			if err := <-result; !errors.Is(err, why) {
				t.Errorf("error %v, want %v", err, why)
			}
		}
		close(x.block)
		synctest.Wait() // the batch is complete, but a cancelled caller must not get it
		cancelled, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		for range 20 {
			if b, err := l.Next(cancelled); !errors.Is(err, why) {
				t.Fatalf("%+v, error %v, want %v", b, err, why)
			}
		}
		for step := range 3 {
			if b, err := l.Next(t.Context()); err != nil || b.Step != step {
				t.Errorf("step %d: %+v, error %v", step, b, err)
			}
		}
		if reads := x.reads.Load(); reads != 9 {
			t.Errorf("%d examples were read, want 9", reads)
		}
	})
}

// TestClose checks that nothing keeps running, however far the reading is.
func TestClose(t *testing.T) {
	for count := range 8 {
		synctest.Test(t, func(t *testing.T) {
			l := loader.New(&numbers{n: 7, uneven: true}, steps(7, 5), 0, 0, loader.Options{Workers: 4})
			for range count {
				if _, err := l.Next(t.Context()); err != nil && count <= 5 {
					t.Fatal(err)
				}
			}
			l.Close()
			l.Close()
			for range 20 {
				if _, err := l.Next(t.Context()); !errors.Is(err, loader.ErrClosed) {
					t.Fatalf("after %d batches: error %v, want %v", count, err, loader.ErrClosed)
				}
			}
			l.Recycle(loader.Batch{Values: make([]float32, 6)})
		})
	}
}

// TestCloseWhileWaiting checks that Next returns at once, that Close waits for the
// examples being read, and that the rest of the batch is not read.
func TestCloseWhileWaiting(t *testing.T) {
	for _, policy := range []loader.Policy{loader.Fail, loader.Skip} {
		synctest.Test(t, func(t *testing.T) {
			x := &numbers{n: 7, block: make(chan struct{}), broken: map[int]bool{0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 6: true}}
			l := loader.New(x, steps(7, 5), 0, 0, loader.Options{Workers: 1, Broken: policy})
			result := make(chan error)
			go func() {
				_, err := l.Next(t.Context())
				result <- err
			}()
			synctest.Wait()
			for range 2 {
				go func() {
					l.Close()
					result <- nil
				}()
			}
			if err := <-result; !errors.Is(err, loader.ErrClosed) {
				t.Errorf("error %v, want %v", err, loader.ErrClosed)
			}
			synctest.Wait()
			select {
			case <-result:
				t.Error("Close returns while an example is being read")
			default:
			}
			close(x.block)
			<-result
			<-result
			if reads := x.reads.Load(); reads != 1 {
				t.Errorf("%d examples were read, want only the one at hand", reads)
			}
		})
	}
}

// TestBounded checks that exactly the batches ahead are read before they are
// requested, and that each request begins one more.
func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ahead = 3
		x := &numbers{n: 7}
		l := loader.New(x, steps(7, 1000), 0, 0, loader.Options{Workers: 4, Ahead: ahead})
		defer l.Close()
		for taken := range 5 {
			synctest.Wait()
			if reads := x.reads.Load(); reads != int64(3*(ahead+taken)) {
				t.Errorf("%d examples were read after %d batches were taken, want %d", reads, taken, 3*(ahead+taken))
			}
			if _, err := l.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestRecycle checks that recycling limits the buffers to the batches ahead, the
// requested one and the one that was handed out.
func TestRecycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ahead := range []int{1, 4} {
			buffers := make(map[*float32]bool)
			l := loader.New(&numbers{n: 7, uneven: true}, steps(7, 100), 0, 0, loader.Options{Workers: 3, Ahead: ahead})
			for range 100 {
				b, err := l.Next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				buffers[&b.Values[0]] = true
				l.Recycle(b)
			}
			l.Close()
			if len(buffers) > ahead+2 {
				t.Errorf("%d buffers, want %d at most", len(buffers), ahead+2)
			}
		}
	})
}

// TestKept checks that values that are not recycled stay as they are.
func TestKept(t *testing.T) {
	l := loader.New(&numbers{n: 7}, steps(7, 50), 0, 0, loader.Options{})
	defer l.Close()
	schedule := steps(7, 50)
	var batches []loader.Batch
	for range 50 {
		b, err := l.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b)
	}
	for step, b := range batches {
		for place, index := range schedule(step) {
			if b.Values[2*place] != float32(index) {
				t.Errorf("step %d: %v", step, b.Values)
			}
		}
	}
}
