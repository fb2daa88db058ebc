package adistance

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Options are the settings of [Measure]. Zero values select the defaults.
type Options struct {
	// L2 is the penalty λ > 0 in the loss, mean log-loss + λ/2 |w|². 0 means 0.01,
	// which keeps the weights finite if the domains are separable. The intercept is
	// not penalized.
	L2 float64
	// Seed selects the half of each domain that trains the classifier.
	Seed uint64
}

const defaultL2 = 0.01

// Result is a measured distance.
type Result struct {
	// Distance is 2(1 − 2·Error), in [−2, 2].
	Distance float64
	// Error is the mean of two error rates: of held-out source samples classified as
	// target, and of held-out target samples classified as source.
	Error float64
	// Held counts the held-out samples of each domain, source first.
	Held [2]int
}

// Measure returns the proxy A-distance of two domains, given one row of features
// per sample. Half of each domain, rounded up, trains the classifier; the rest
// tests it. The mean and the standard deviation of the training half standardize
// the features, and features that are constant there are dropped. The result
// depends only on the samples, their order and the options.
//
// Measure returns an error if a domain has fewer than 4 samples, rows are empty or
// differ in length, a value is not finite, an option is out of bounds, or the
// optimizer does not converge.
func Measure(source, target [][]float64, o Options) (Result, error) {
	if o.L2 == 0 {
		o.L2 = defaultL2
	}
	if !(o.L2 > 0) || math.IsInf(o.L2, 0) {
		return Result{}, fmt.Errorf("adistance: L2 is %g: want a positive penalty, or 0 for %g", o.L2, defaultL2)
	}
	if err := check(source, target); err != nil {
		return Result{}, err
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0xad)) // separate from other uses of the seed
	var train, test samples
	var held [2]int
	for domain, rows := range [2][][]float64{source, target} {
		half := (len(rows) + 1) / 2
		for i, at := range rng.Perm(len(rows)) {
			if i < half {
				train.add(rows[at], domain, half)
			} else {
				test.add(rows[at], domain, len(rows)-half)
			}
		}
		held[domain] = len(rows) - half
	}
	s := newStandardizer(train.rows)
	c, err := fit(s.apply(train.rows), train.label, train.weight, o.L2)
	if err != nil {
		return Result{}, err
	}
	wrong := 0.0
	for i, z := range c.scores(s.apply(test.rows)) {
		if (z > 0) != (test.label[i] > 0) {
			wrong += test.weight[i]
		}
	}
	return Result{Distance: 2 * (1 - 2*wrong), Error: wrong, Held: held}, nil
}

// samples are rows of features with their labels, −1 for source and 1 for target,
// and weights that sum to 1/2 in each domain.
type samples struct {
	rows          [][]float64
	label, weight []float64
}

// add adds a row of a domain that has n rows here.
func (s *samples) add(row []float64, domain, n int) {
	s.rows = append(s.rows, row)
	s.label = append(s.label, float64(2*domain-1))
	s.weight = append(s.weight, 0.5/float64(n))
}

// maxMagnitude keeps sums of squares finite.
const maxMagnitude = 1e100

// check returns an error for samples that cannot be measured.
func check(source, target [][]float64) error {
	names := [2]string{"source", "target"}
	for domain, rows := range [2][][]float64{source, target} {
		if len(rows) < 4 {
			return fmt.Errorf("adistance: the %s has %d samples: want at least 4", names[domain], len(rows))
		}
	}
	if len(source[0]) == 0 {
		return errors.New("adistance: the samples have no features")
	}
	for domain, rows := range [2][][]float64{source, target} {
		name := names[domain]
		for i, row := range rows {
			if len(row) != len(source[0]) {
				return fmt.Errorf("adistance: %s sample %d has %d features, but source sample 0 has %d", name, i, len(row), len(source[0]))
			}
			for j, v := range row {
				if math.IsNaN(v) || math.Abs(v) > maxMagnitude {
					return fmt.Errorf("adistance: feature %d of %s sample %d is %g: want a finite value of magnitude at most %g", j, name, i, v, float64(maxMagnitude))
				}
			}
		}
	}
	return nil
}
