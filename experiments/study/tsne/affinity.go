package tsne

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// affinities returns P, [n, n] in row-major order: symmetric, with sum 1 and
// diagonal 0.
func affinities(x [][]float64, perplexity float64) []float64 {
	n := len(x)
	p := squaredDistances(x)
	eachRow(n, func(i int) { calibrate(p[i*n:(i+1)*n], i, perplexity) })
	for i := range n {
		for j := range i {
			mean := (p[i*n+j] + p[j*n+i]) / (2 * float64(n))
			p[i*n+j], p[j*n+i] = mean, mean
		}
	}
	return p
}

// squaredDistances returns |x_i − x_j|² divided by their mean. The division makes
// the search for β start near its end in any unit of the vectors.
func squaredDistances(x [][]float64) []float64 {
	n := len(x)
	d := make([]float64, n*n)
	sums := make([]float64, n)
	eachRow(n, func(i int) {
		for j, other := range x {
			sum := 0.0
			for k, v := range x[i] {
				sum += (v - other[k]) * (v - other[k])
			}
			d[i*n+j] = sum
			sums[i] += sum / float64(n)
		}
	})
	mean := 0.0
	for _, s := range sums {
		mean += s / float64(n)
	}
	for i := range d {
		d[i] /= mean
	}
	return d
}

// calibrate replaces row i of the squared distances by p_{·|i}. It finds β by
// bisection, so that the entropy is the logarithm of the perplexity.
func calibrate(row []float64, i int, perplexity float64) {
	// Subtracting the distance of the nearest neighbour does not change p and keeps
	// the largest exponential at 1.
	nearest := math.Inf(1)
	for j, d := range row {
		if j != i {
			nearest = min(nearest, d)
		}
	}
	for j := range row {
		row[j] -= nearest
	}
	want := math.Log(perplexity)
	beta, lo, hi := 1.0, 0.0, math.Inf(1)
	for range 100 {
		h := entropy(row, i, beta)
		if math.Abs(h-want) < 1e-7 {
			break
		}
		if h > want {
			lo = beta
		} else {
			hi = beta
		}
		if math.IsInf(hi, 1) {
			beta *= 2
		} else {
			beta = (lo + hi) / 2
		}
	}
	sum := 0.0
	for j, d := range row {
		row[j] = math.Exp(-beta * d)
		if j == i {
			row[j] = 0
		}
		sum += row[j]
	}
	for j := range row {
		row[j] /= sum
	}
}

// entropy returns the entropy of p_{·|i} in nats, given row i of the squared
// distances.
func entropy(row []float64, i int, beta float64) float64 {
	sum, weighted := 0.0, 0.0
	for j, d := range row {
		if j != i {
			e := math.Exp(-beta * d)
			sum += e
			weighted += e * d
		}
	}
	return math.Log(sum) + beta*weighted/sum
}

// eachRow calls f for 0 … n−1 on all processors. f may write only to its own row.
func eachRow(n int, f func(i int)) {
	const chunk = 16
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					return
				}
				for i := from; i < min(from+chunk, n); i++ {
					f(i)
				}
			}
		})
	}
	wg.Wait()
}
