package sgd

import "fmt"

// Decay is where weight decay alone takes a variable that starts at 1 and has no
// gradient, after each number of iterations from 0 on: iterations + 1 values. The
// multipliers are those that a [Rule] has. As long as the rate λ changes little
// over 1/(1 − Momentum) iterations and λ·WeightDecay is small,
//
//	w(n) ≈ exp(−WeightDecay/(1 − Momentum) · Σ λ(i))      i < n
//
// which is 0.955 for the settings of [Default] and 20,004 iterations.
func (c Config) Decay(iterations int, rate, decay float64) ([]float64, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := (Rule{LearningRate: rate, WeightDecay: decay}).validate(); err != nil {
		return nil, err
	}
	if iterations < 0 {
		return nil, fmt.Errorf("sgd: %d iterations: want 0 or more", iterations)
	}
	w, buf := 1.0, 0.0
	path := make([]float64, 1, iterations+1)
	path[0] = w
	for i := range iterations {
		d := c.WeightDecay * decay * w
		buf = c.Momentum*buf + d
		step := buf
		if c.Nesterov {
			step = d + c.Momentum*buf
		}
		w -= c.Rate(i) * rate * step
		path = append(path, w)
	}
	return path, nil
}
