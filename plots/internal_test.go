package plots

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	if got := median([]float64{5, 1, 2}); got != 2 {
		t.Errorf("median(5, 1, 2) = %g; want 2", got)
	}
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median(4, 1, 2, 9) = %g; want 3", got)
	}
}

func TestMeanStd(t *testing.T) {
	// numpy.mean and numpy.std(ddof=1) of the same values.
	mean, std := meanStd([]float64{1, 2, 4})
	if math.Abs(mean-7.0/3) > 1e-15 || math.Abs(std-1.5275252316519468) > 1e-15 {
		t.Errorf("meanStd(1, 2, 4) = %v, %v; want 2.333…, 1.5275252316519468", mean, std)
	}
	if mean, std = meanStd([]float64{3}); mean != 3 || std != 0 {
		t.Errorf("meanStd(3) = %v, %v; want 3, 0", mean, std)
	}
}

func TestRunCount(t *testing.T) {
	for _, tt := range []struct {
		runs []int
		want string
	}{
		{[]int{1, 1}, "one run each"}, {[]int{3, 3}, "mean over 3 runs"}, {[]int{3, 1, 2}, "mean over 1 to 3 runs"},
	} {
		var c runCount
		for _, n := range tt.runs {
			c.add(n)
		}
		if got := c.note("mean"); got != tt.want {
			t.Errorf("the note of %v runs is %q; want %q", tt.runs, got, tt.want)
		}
	}
}

func TestCellCount(t *testing.T) {
	for n, want := range map[int]int{1: 1, 64: 64, 256: 256, 257: 129, 512: 256, 2048: 256, 2047: 256} {
		if got := cellCount(n); got != want {
			t.Errorf("cellCount(%d) = %d; want %d", n, got, want)
		}
	}
}

// TestBlocksCover checks that the cells' blocks partition the channels.
func TestBlocksCover(t *testing.T) {
	for _, n := range []int{1, 5, 256, 257, 300, 2047} {
		next := 0
		for i := range cellCount(n) {
			from, to := block(i, n, cellCount(n))
			if from != next || to <= from {
				t.Fatalf("block %d of %d channels is [%d, %d) after %d", i, n, from, to, next)
			}
			next = to
		}
		if next != n {
			t.Errorf("blocks of %d channels end at %d", n, next)
		}
	}
}
