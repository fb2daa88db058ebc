package ablations

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// confidence is the level of the intervals.
const confidence = 0.95

// Summary summarizes a sample that has one value per seed.
type Summary struct {
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
	// Std is the sample standard deviation, with divisor n − 1; 0 for one value.
	Std float64 `json:"std"`
}

// Summarize summarizes one or more values.
func Summarize(values []float64) Summary {
	if len(values) == 1 {
		return Summary{1, values[0], 0}
	}
	mean, std := stat.MeanStdDev(values, nil)
	return Summary{len(values), mean, std}
}

// Difference is a variant's values minus those of the base row, paired by seed.
type Difference struct {
	// N is the number of seeds that both rows have.
	N    int     `json:"n"`
	Mean float64 `json:"mean"`
	// Low and High are the ends of the 95 % confidence interval of the mean
	// difference d̄ by Student's t: d̄ ± t(0.975; n − 1)·s/√n, where s is the standard
	// deviation of the differences. The interval is not corrected for the number of
	// rows. Low and High are nil for one seed.
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
}

// Compare returns the difference of a row's values to the base row's, both by seed. It
// returns nil if the rows share no seed.
func Compare(values, base map[int64]float64) *Difference {
	var d []float64
	for _, seed := range seeds(values) {
		if b, ok := base[seed]; ok {
			d = append(d, values[seed]-b)
		}
	}
	if len(d) == 0 {
		return nil
	}
	s := Summarize(d)
	out := &Difference{N: s.N, Mean: s.Mean}
	if s.N > 1 {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(s.N - 1)}.Quantile((1 + confidence) / 2)
		half := t * s.Std / math.Sqrt(float64(s.N))
		low, high := s.Mean-half, s.Mean+half
		out.Low, out.High = &low, &high
	}
	return out
}
