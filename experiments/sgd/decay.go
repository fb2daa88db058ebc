package sgd

import "fmt"

// Decay is where weight decay alone takes a variable that starts at 1 and has no
// gradient, after each number of iterations from 0 on: iterations + 1 values. The
// path says which rules concern it. As long as the rate λ changes little within
// 1/(1 − Momentum) iterations, and λ·WeightDecay is small,
//
//	w(n) ≈ exp(−WeightDecay/(1 − Momentum) · Σ λ(i))      i < n
//
// which is 0.955 for the settings of [Default] and 20,004 iterations.
func (c Config) Decay(iterations int, path string) ([]float64, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if iterations < 0 {
		return nil, fmt.Errorf("sgd: decay over %d iterations: want 0 or more", iterations)
	}
	rate, decay := c.multipliers(path)
	w, buf := 1.0, 0.0
	values := make([]float64, 1, iterations+1)
	values[0] = w
	for i := range iterations {
		d := c.WeightDecay * decay * w
		buf = c.Momentum*buf + d
		step := buf
		if c.Nesterov {
			step = d + c.Momentum*buf
		}
		w -= c.Rate(i) * rate * step
		values = append(values, w)
	}
	return values, nil
}
