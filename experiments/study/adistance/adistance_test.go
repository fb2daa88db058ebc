package adistance_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/study/adistance"
)

// normal returns n samples of d standard normal features; the first feature has
// the given mean.
func normal(seed uint64, n, d int, mean float64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 5))
	rows := make([][]float64, n)
	for i := range rows {
		for j := range d {
			v := rng.NormFloat64()
			if j == 0 {
				v += mean
			}
			rows[i] = append(rows[i], v)
		}
	}
	return rows
}

// moved adds a constant to every feature.
func moved(rows [][]float64, by float64) [][]float64 {
	for _, row := range rows {
		for j := range row {
			row[j] += by
		}
	}
	return rows
}

func TestMeasure(t *testing.T) {
	// The best classifier of two normal distributions at distance m has the error
	// Φ(−m/2), so the A-distance is 2(1 − 2Φ(−m/2)).
	bayes := func(m float64) float64 { return 2 * math.Erf(m/2/math.Sqrt2) }
	tests := []struct {
		name           string
		source, target [][]float64
		want, within   float64
	}{
		{"same distribution", normal(1, 2000, 8, 0), normal(2, 2000, 8, 0), 0, 0.1},
		{"separated", normal(1, 200, 8, 0), normal(2, 200, 8, 30), 2, 0},
		{"overlapping", normal(1, 3000, 5, 0), normal(2, 3000, 5, 1.5), bayes(1.5), 0.1},
		{"unequal sizes, same", normal(1, 4000, 4, 0), normal(2, 400, 4, 0), 0, 0.2},
		{"unequal sizes, overlapping", normal(1, 4000, 4, 0), normal(2, 600, 4, 1.5), bayes(1.5), 0.2},
		{"constant features", [][]float64{{1}, {1}, {1}, {1}}, [][]float64{{1}, {1}, {1}, {1}}, 0, 0},
		{"more features than samples", normal(1, 40, 300, 0), moved(normal(2, 40, 300, 0), 1.5), 2, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(3) {
				r, err := adistance.Measure(tt.source, tt.target, adistance.Options{Seed: seed})
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(r.Distance-tt.want) > tt.within {
					t.Errorf("seed %d: distance %.3f; want %.3f ± %g", seed, r.Distance, tt.want, tt.within)
				}
				if math.Abs(r.Distance-2*(1-2*r.Error)) > 1e-15 {
					t.Errorf("distance %g for error %g; want 2(1 − 2·error)", r.Distance, r.Error)
				}
				if r.Held != [2]int{len(tt.source) / 2, len(tt.target) / 2} {
					t.Errorf("%v samples held out of %d and %d", r.Held, len(tt.source), len(tt.target))
				}
			}
		})
	}
}

// TestUnits checks that rescaling and shifting a feature keeps the distance.
func TestUnits(t *testing.T) {
	source, target := normal(1, 300, 3, 0), normal(2, 300, 3, 1)
	a, err := adistance.Measure(source, target, adistance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range [][][]float64{source, target} {
		for _, row := range rows {
			row[0], row[1] = row[0]*1e6+5e6, row[1]*1e-6
		}
	}
	b, err := adistance.Measure(source, target, adistance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(a.Distance-b.Distance) > 0.02 {
		t.Errorf("distance %g, in other units %g", a.Distance, b.Distance)
	}
}

func TestDeterministic(t *testing.T) {
	source, target := normal(1, 500, 6, 0), normal(2, 500, 6, 0.5)
	measure := func(seed uint64) adistance.Result {
		r, err := adistance.Measure(source, target, adistance.Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if a, b := measure(1), measure(1); a != b {
		t.Errorf("the same seed gives %+v and %+v", a, b)
	}
	if a, b := measure(1), measure(2); a == b {
		t.Errorf("seeds 1 and 2 give the same result: %+v", a)
	}
}

func TestErrors(t *testing.T) {
	ok := normal(1, 8, 2, 0)
	with := func(v float64) [][]float64 {
		rows := normal(1, 8, 2, 0)
		rows[3][1] = v
		return rows
	}
	ragged := normal(1, 8, 2, 0)
	ragged[5] = ragged[5][:1]
	tests := []struct {
		name           string
		source, target [][]float64
		o              adistance.Options
		want           string
	}{
		{"no source", nil, ok, adistance.Options{}, "the source has 0 samples"},
		{"few targets", ok, ok[:3], adistance.Options{}, "the target has 3 samples: want at least 4"},
		{"no features", make([][]float64, 5), make([][]float64, 5), adistance.Options{}, "no features"},
		{"ragged", ok, ragged, adistance.Options{}, "target sample 5 has 1 features, but source sample 0 has 2"},
		{"NaN", with(math.NaN()), ok, adistance.Options{}, "feature 1 of source sample 3 is NaN"},
		{"infinite", ok, with(math.Inf(1)), adistance.Options{}, "feature 1 of target sample 3 is +Inf"},
		{"penalty", ok, ok, adistance.Options{L2: -1}, "L2 is -1"},
		{"NaN penalty", ok, ok, adistance.Options{L2: math.NaN()}, "L2 is NaN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := adistance.Measure(tt.source, tt.target, tt.o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want one that says %q", err, tt.want)
			}
		})
	}
}

func BenchmarkMeasure(b *testing.B) {
	source, target := normal(1, 1000, 256, 0), normal(2, 1000, 256, 0.5)
	for b.Loop() {
		if _, err := adistance.Measure(source, target, adistance.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// The classifier tells domains apart without error if one feature separates them.
func ExampleMeasure() {
	var source, target [][]float64
	for i := range 20 {
		source = append(source, []float64{float64(i), 0})
		target = append(target, []float64{float64(i), 1})
	}
	r, err := adistance.Measure(source, target, adistance.Options{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("error %g, proxy A-distance %g\n", r.Error, r.Distance)
	// Output:
	// error 0, proxy A-distance 2
}
