package tsne

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomRows returns n vectors of d heavy-tailed random values.
func randomRows(n, d int) [][]float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([][]float64, n)
	for i := range x {
		for range d {
			x[i] = append(x[i], rng.NormFloat64()*math.Exp(2*rng.NormFloat64()))
		}
	}
	return x
}

// TestPerplexity checks each conditional distribution p_{·|i}: it sums to 1,
// p_{i|i} is 0, and 2 to the power of its entropy in bits is the perplexity.
func TestPerplexity(t *testing.T) {
	const n = 80
	for _, want := range []float64{2, 10, 26} {
		p := squaredDistances(randomRows(n, 4))
		for i := range n {
			row := p[i*n : (i+1)*n]
			calibrate(row, i, want)
			sum, bits := 0.0, 0.0
			for _, v := range row {
				sum += v
				if v > 0 {
					bits -= v * math.Log2(v)
				}
			}
			if row[i] != 0 || math.Abs(sum-1) > 1e-12 {
				t.Fatalf("row %d sums to %g with %g on itself; want 1 and 0", i, sum, row[i])
			}
			if got := math.Exp2(bits); math.Abs(got-want) > 1e-5*want {
				t.Fatalf("row %d has perplexity %g; want %g", i, got, want)
			}
		}
	}
}

// TestAffinities checks that P is symmetric and sums to 1.
func TestAffinities(t *testing.T) {
	const n = 50
	p := affinities(randomRows(n, 3), 12)
	sum := 0.0
	for i := range n {
		for j := range n {
			sum += p[i*n+j]
			if p[i*n+j] != p[j*n+i] {
				t.Fatalf("p[%d][%d] = %g, p[%d][%d] = %g", i, j, p[i*n+j], j, i, p[j*n+i])
			}
		}
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("P sums to %g; want 1", sum)
	}
}

// TestGradient compares the gradient with central differences of the divergence.
func TestGradient(t *testing.T) {
	const n, h = 20, 1e-6
	p := affinities(randomRows(n, 3), 5)
	rng := rand.New(rand.NewPCG(9, 9))
	y := make([][2]float64, n)
	for i := range y {
		y[i] = [2]float64{rng.NormFloat64(), rng.NormFloat64()}
	}
	s := newDescent(p, y)
	z := s.forces()
	var got [n][2]float64
	for i := range n {
		for k := range 2 {
			got[i][k] = 4 * (s.attraction[i][k] - s.repulsion[i][k]/z)
		}
	}
	for i := range n {
		for k := range 2 {
			at := y[i][k]
			y[i][k] = at + h
			up := s.divergence()
			y[i][k] = at - h
			down := s.divergence()
			y[i][k] = at
			if want := (up - down) / (2 * h); math.Abs(got[i][k]-want) > 1e-7 {
				t.Errorf("gradient [%d][%d] = %g; central difference %g", i, k, got[i][k], want)
			}
		}
	}
}

// TestInitialPlaces checks that the initial coordinates are the principal
// components: of points in a plane, the first coordinate follows the long axis and
// the second the short axis.
func TestInitialPlaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var x [][]float64
	for range 200 {
		x = append(x, []float64{5, 3 * rng.NormFloat64(), 10 * rng.NormFloat64()})
	}
	y, err := initialPlaces(x, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, axis := range []int{2, 1} {
		mean := 0.0
		for _, v := range x {
			mean += v[axis] / float64(len(x))
		}
		dot, yy, xx := 0.0, 0.0, 0.0
		for i, v := range x {
			dot += y[i][k] * (v[axis] - mean)
			yy += y[i][k] * y[i][k]
			xx += (v[axis] - mean) * (v[axis] - mean)
		}
		if r := dot / math.Sqrt(xx*yy); math.Abs(r) < 0.98 {
			t.Errorf("coordinate %d correlates with its axis at %.3f; want at least 0.98", k, r)
		}
	}
	std := 0.0
	for _, p := range y {
		std += p[0] * p[0] / float64(len(y))
	}
	if std = math.Sqrt(std); math.Abs(std-spread) > 0.01*spread {
		t.Errorf("the first coordinate has standard deviation %g; want %g", std, spread)
	}
}
