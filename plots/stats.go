package plots

import "math"

// meanStd returns the mean and the sample standard deviation (divisor n − 1;
// 0 for n = 1) of a non-empty slice.
func meanStd(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	if len(v) == 1 {
		return mean, 0
	}
	ss := 0.0
	for _, x := range v {
		ss += (x - mean) * (x - mean) / float64(len(v)-1)
	}
	return mean, math.Sqrt(ss)
}
