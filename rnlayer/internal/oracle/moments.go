package oracle

import "fmt"

// Moments are per-channel statistics, [channels] each.
type Moments struct {
	Mean, Variance []float64
}

// DomainMoments returns mean and unbiased variance of every domain over its rows and all
// positions.
func DomainMoments(x []float64, sizes []int, channels int) []Moments {
	rowLength := rowLength(x, sizes, channels)
	out := make([]Moments, len(sizes))
	start := 0
	for d, rows := range sizes {
		end := start + rows*rowLength
		out[d] = unbiased(x[start:end], channels)
		start = end
	}
	return out
}

// unbiased returns the moments of x, [n, channels], with Σ(x − μ)²/(n − 1).
func unbiased(x []float64, channels int) Moments {
	n := len(x) / channels
	if n < 2 {
		panic(fmt.Sprintf("oracle: %d values a channel, an unbiased variance needs at least 2", n))
	}
	m := Moments{Mean: make([]float64, channels), Variance: make([]float64, channels)}
	for c := range channels {
		sum := 0.0
		for i := range n {
			sum += x[i*channels+c]
		}
		m.Mean[c] = sum / float64(n)
		squares := 0.0
		for i := range n {
			deviation := x[i*channels+c] - m.Mean[c]
			squares += deviation * deviation
		}
		m.Variance[c] = squares / float64(n-1)
	}
	return m
}

// biased returns the moments with the unbiased variance of n values turned into
// Σ(x − μ)²/n.
func biased(m Moments, n int) Moments {
	out := Moments{Mean: m.Mean, Variance: make([]float64, len(m.Variance))}
	for c, v := range m.Variance {
		out.Variance[c] = v * float64(n-1) / float64(n)
	}
	return out
}

// rowLength returns positions·channels and checks that x holds the sizes' rows.
func rowLength(x []float64, sizes []int, channels int) int {
	rows := 0
	for _, size := range sizes {
		if size < 1 {
			panic(fmt.Sprintf("oracle: sizes %v, every domain needs a row", sizes))
		}
		rows += size
	}
	if rows == 0 || channels < 1 || len(x) == 0 || len(x)%(rows*channels) != 0 {
		panic(fmt.Sprintf("oracle: %d values do not fit %d rows of %d channels", len(x), rows, channels))
	}
	return len(x) / rows
}
