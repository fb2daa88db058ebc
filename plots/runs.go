package plots

import (
	"fmt"

	"gonum.org/v1/gonum/stat"
)

// meanStd returns the mean over runs and the sample standard deviation (divisor
// n − 1), which is 0 for a single run.
func meanStd(runs []float64) (mean, std float64) {
	if len(runs) == 1 {
		return runs[0], 0
	}
	return stat.MeanStdDev(runs, nil)
}

// runCount is the least and the greatest number of runs behind the values of a
// figure. The zero value has counted nothing.
type runCount struct{ least, most int }

func (c *runCount) add(n int) {
	if c.least == 0 || n < c.least {
		c.least = n
	}
	c.most = max(c.most, n)
}

// single reports whether no value has more than one run.
func (c runCount) single() bool { return c.most == 1 }

// note says how the runs are summarized, for the subtitle.
func (c runCount) note(summary string) string {
	switch {
	case c.single():
		return "one run each"
	case c.least == c.most:
		return fmt.Sprintf("%s over %d runs", summary, c.most)
	default:
		return fmt.Sprintf("%s over %d to %d runs", summary, c.least, c.most)
	}
}
