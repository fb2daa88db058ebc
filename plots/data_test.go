package plots_test

import (
	"math"
	"math/rand/v2"

	"github.com/reciprocalnorm/rn/plots"
)

// softmaxMatrix returns the correlation of c source and c target channels whose
// means are normal with the given shift between the domains.
func softmaxMatrix(c int, spread, shift float64, seed uint64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	s, t := make([]float64, c), make([]float64, c)
	for i := range c {
		s[i] = spread * rng.NormFloat64()
		t[i] = s[i] + shift*rng.NormFloat64()
	}
	p := make([][]float64, c)
	for i := range p {
		p[i] = make([]float64, c)
		sum := 0.0
		for j := range p[i] {
			p[i][j] = math.Exp(-(s[i] - t[j]) * (s[i] - t[j]))
			sum += p[i][j]
		}
		for j := range p[i] {
			p[i][j] /= sum
		}
	}
	return p
}

// trainingCurves returns saturating accuracies of five norms over training.
func trainingCurves(runs int) []plots.Series {
	rng := rand.New(rand.NewPCG(7, 7))
	var series []plots.Series
	for i, name := range []string{"source only", "CDAN", "CDAN + DSBN", "CDAN + TransNorm", "CDAN + RN"} {
		s := plots.Series{Name: name}
		for x := 500; x <= 20000; x += 500 {
			s.X = append(s.X, float64(x))
		}
		for range runs {
			top := 0.46 + 0.055*float64(i) + 0.01*rng.NormFloat64()
			run := make([]float64, len(s.X))
			for j, x := range s.X {
				run[j] = top*(1-math.Exp(-x/(2500+500*float64(i)))) + 0.006*rng.NormFloat64()
			}
			s.Runs = append(s.Runs, run)
		}
		series = append(series, s)
	}
	return series
}

// accuracyTable returns accuracies of norms by task, in [0, 1].
func accuracyTable(tasks, norms []string, runs int) []plots.Group {
	rng := rand.New(rand.NewPCG(3, 9))
	var groups []plots.Group
	for _, task := range tasks {
		g := plots.Group{Name: task}
		base := 0.45 + 0.25*rng.Float64()
		for i, norm := range norms {
			b := plots.Bar{Name: norm}
			for range runs {
				b.Runs = append(b.Runs, base+0.03*float64(i)+0.012*rng.NormFloat64())
			}
			g.Bars = append(g.Bars, b)
		}
		groups = append(groups, g)
	}
	return groups
}
