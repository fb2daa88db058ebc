package tsne_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/study/tsne"
)

// blobs returns normal clusters around random centres, and the cluster index of
// each vector.
func blobs(clusters, each, dim int, distance float64) (x [][]float64, cluster []int) {
	rng := rand.New(rand.NewPCG(3, 4))
	for k := range clusters {
		centre := make([]float64, dim)
		for j := range centre {
			centre[j] = distance * rng.NormFloat64()
		}
		for range each {
			v := make([]float64, dim)
			for j := range v {
				v[j] = centre[j] + rng.NormFloat64()
			}
			x, cluster = append(x, v), append(cluster, k)
		}
	}
	return x, cluster
}

// nearestAgree returns the share of places whose nearest neighbour belongs to the
// same cluster.
func nearestAgree(y [][2]float64, cluster []int) float64 {
	hits := 0
	for i, a := range y {
		best, nearest := -1, math.Inf(1)
		for j, b := range y {
			if d := math.Hypot(a[0]-b[0], a[1]-b[1]); j != i && d < nearest {
				best, nearest = j, d
			}
		}
		if cluster[best] == cluster[i] {
			hits++
		}
	}
	return float64(hits) / float64(len(y))
}

func TestSeparatesBlobs(t *testing.T) {
	x, cluster := blobs(5, 40, 20, 3)
	e, err := tsne.Embed(context.Background(), x, tsne.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := nearestAgree(e.Places, cluster); got < 0.99 {
		t.Errorf("%.2f of the places have a nearest neighbour of their own cluster; want at least 0.99", got)
	}
	// The clusters are separate: centres lie further apart than places from their
	// centres.
	var centres [5][2]float64
	for i, p := range e.Places {
		centres[cluster[i]][0] += p[0] / 40
		centres[cluster[i]][1] += p[1] / 40
	}
	within, between := 0.0, math.Inf(1)
	for i, p := range e.Places {
		within = max(within, math.Hypot(p[0]-centres[cluster[i]][0], p[1]-centres[cluster[i]][1]))
	}
	for a := range centres {
		for b := range a {
			between = min(between, math.Hypot(centres[a][0]-centres[b][0], centres[a][1]-centres[b][1]))
		}
	}
	if between < 2*within {
		t.Errorf("the nearest centres are %.2f apart, and places lie up to %.2f from their centre; want at least twice that", between, within)
	}
	if e.KL < 0 || e.KL > 1 {
		t.Errorf("KL = %g; want less than 1 nat for clear clusters", e.KL)
	}
}

// TestDeterministic checks that the places are bit-identical for any number of
// processors, and that they depend on the seed.
func TestDeterministic(t *testing.T) {
	x, _ := blobs(3, 30, 5, 2)
	embed := func(seed uint64) [][2]float64 {
		e, err := tsne.Embed(context.Background(), x, tsne.Options{Seed: seed, Iterations: 300})
		if err != nil {
			t.Fatal(err)
		}
		return e.Places
	}
	first := embed(1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !slices.Equal(first, embed(1)) {
		t.Error("one processor and several give different places")
	}
	if slices.Equal(first, embed(2)) {
		t.Error("another seed gives the same places")
	}
}

// TestUnitFree checks that scaling the vectors by a power of two keeps the places
// bit for bit.
func TestUnitFree(t *testing.T) {
	x, _ := blobs(3, 20, 4, 2)
	scaled := make([][]float64, len(x))
	for i, row := range x {
		for _, v := range row {
			scaled[i] = append(scaled[i], v*1024)
		}
	}
	a, err := tsne.Embed(context.Background(), x, tsne.Options{Iterations: 100})
	if err != nil {
		t.Fatal(err)
	}
	b, err := tsne.Embed(context.Background(), scaled, tsne.Options{Iterations: 100})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Places, b.Places) {
		t.Error("the vectors times 1024 have different places")
	}
}

// TestDegenerate embeds vectors on a line, coinciding pairs, an outlier, and four
// vectors, the fewest.
func TestDegenerate(t *testing.T) {
	var line, pairs [][]float64
	for i := range 30 {
		line = append(line, []float64{float64(i), 0, 0})
		pairs = append(pairs, []float64{float64(i / 2), float64(i / 2 % 3)})
	}
	for name, x := range map[string][][]float64{
		"line": line, "one value": {{1}, {2}, {3}, {5}}, "coinciding pairs": pairs,
		"an outlier": append([][]float64{{1e6, 0, 0}}, line...),
	} {
		e, err := tsne.Embed(context.Background(), x, tsne.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, p := range e.Places {
			for _, v := range p {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%s: place %d is %v", name, i, p)
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	ok, _ := blobs(2, 10, 3, 2)
	with := func(i, j int, v float64) [][]float64 {
		x, _ := blobs(2, 10, 3, 2)
		x[i][j] = v
		return x
	}
	ragged, _ := blobs(2, 10, 3, 2)
	ragged[7] = ragged[7][:2]
	tests := []struct {
		name string
		x    [][]float64
		o    tsne.Options
		want string
	}{
		{"none", nil, tsne.Options{}, "0 vectors: want 4 to 10000"},
		{"three", ok[:3], tsne.Options{}, "3 vectors"},
		{"too many", make([][]float64, 10_001), tsne.Options{}, "10001 vectors"},
		{"empty", make([][]float64, 5), tsne.Options{}, "the vectors are empty"},
		{"ragged", ragged, tsne.Options{}, "vector 7 has 2 values, but vector 0 has 3"},
		{"NaN", with(4, 1, math.NaN()), tsne.Options{}, "value 1 of vector 4 is NaN"},
		{"infinite", with(0, 0, math.Inf(-1)), tsne.Options{}, "value 0 of vector 0 is -Inf"},
		{"equal", [][]float64{{1}, {1}, {1}, {1}}, tsne.Options{}, "all vectors are equal"},
		{"perplexity", ok, tsne.Options{Perplexity: 7}, "Perplexity 7 is outside [1, 6.333]"},
		{"small perplexity", ok, tsne.Options{Perplexity: 0.5}, "Perplexity 0.5 is outside"},
		{"NaN perplexity", ok, tsne.Options{Perplexity: math.NaN()}, "Perplexity NaN is outside"},
		{"iterations", ok, tsne.Options{Iterations: -1}, "Iterations is -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tsne.Embed(context.Background(), tt.x, tt.o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want one that says %q", err, tt.want)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	x, _ := blobs(2, 10, 3, 2)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tsne.Embed(ctx, x, tsne.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want it to wrap context.Canceled", err)
	}
}

// BenchmarkEmbed embeds 1000 vectors of 256 values with the default options.
func BenchmarkEmbed(b *testing.B) {
	x, _ := blobs(10, 100, 256, 1)
	for b.Loop() {
		if _, err := tsne.Embed(context.Background(), x, tsne.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
