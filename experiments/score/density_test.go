package score

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowDensity computes the density by its definition.
func slowDensity(p [][]float64) float64 {
	cosine := func(a, b []float64) float64 {
		ab, aa, bb := 0.0, 0.0, 0.0
		for k := range a {
			ab, aa, bb = ab+a[k]*b[k], aa+a[k]*a[k], bb+b[k]*b[k]
		}
		return ab / math.Sqrt(aa*bb)
	}
	mean := 0.0
	for i := range p {
		var similarity []float64
		for j := range p {
			if j != i {
				similarity = append(similarity, cosine(p[i], p[j])/0.05)
			}
		}
		sum := 0.0
		for _, s := range similarity {
			sum += math.Exp(s)
		}
		for _, s := range similarity {
			q := math.Exp(s) / sum
			mean -= q * math.Log(q) / float64(len(p))
		}
	}
	return mean
}

func TestDensity(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var random [][]float64
	for range 100 {
		logits := make([]float32, 7)
		for k := range logits {
			logits[k] = float32(3 * rng.NormFloat64())
		}
		random = append(random, Softmax(logits))
	}
	if got, want := density(random), slowDensity(random); math.Abs(got-want) > 1e-9 {
		t.Errorf("density is %.12f, want %.12f", got, want)
	}
	// Two clusters of certain predictions: the neighbours of an image are its cluster.
	var clusters [][]float64
	for i := range 20 {
		clusters = append(clusters, [][]float64{{1, 0}, {0, 1}}[i%2])
	}
	// The weights are e^20 for 9 images and 1 for the other 10.
	w := 9*math.Exp(20) + 10
	want := math.Log(w) - 9*math.Exp(20)*20/w
	if got := density(clusters); math.Abs(got-want) > 1e-9 || math.Abs(got-math.Log(9)) > 1e-6 {
		t.Errorf("density of two clusters of 10 is %.12f, want %.12f, about log 9", got, want)
	}
	if got := density(slices.Repeat([][]float64{{0.5, 0.5}}, 10)); math.Abs(got-math.Log(9)) > 1e-9 {
		t.Errorf("density of ten equal predictions is %.12f, want log 9", got)
	}
	if got := density(clusters[:2]); got != 0 {
		t.Errorf("density of two images is %g, want 0", got)
	}
	if a, b := density(random), density(random); a != b {
		t.Errorf("density is %v, then %v for the same predictions", a, b)
	}
}

func BenchmarkDensity(b *testing.B) { // as many images as MNIST's test set has
	rng := rand.New(rand.NewPCG(1, 2))
	p := make([][]float64, 10000)
	for i := range p {
		logits := make([]float32, 10)
		for k := range logits {
			logits[k] = float32(3 * rng.NormFloat64())
		}
		p[i] = Softmax(logits)
	}
	for b.Loop() {
		density(p)
	}
}
