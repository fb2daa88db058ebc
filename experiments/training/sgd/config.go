package sgd

import (
	"errors"
	"fmt"
	"math"
)

// Config are the settings of the optimizer. Start from [Default]. One step on
// variable w with gradient ∇ is PyTorch's, with buf = 0 at first:
//
//	lr  = LearningRate · (1 + Gamma·i)^(−Power)      i = 0, 1, …
//	d   = ∇ + WeightDecay·w
//	buf = Momentum·buf + d
//	w   = w − lr·(d + Momentum·buf)                   w − lr·buf without Nesterov
type Config struct {
	// LearningRate is that of iteration 0. Default 1e-3 (the paper; 3e-4 on VisDA
	// and on Office-31's A→D, A→W and D→W).
	LearningRate float64 `json:"learning_rate"`
	// Gamma and Power shape the inverse decay. Defaults 0.001 and 0.75 (the
	// paper); Gamma 0 keeps the rate constant.
	Gamma float64 `json:"gamma"`
	Power float64 `json:"power"`
	// Momentum in [0, 1). Default 0.9.
	Momentum float64 `json:"momentum"`
	// Nesterov looks ahead by one step. Default true.
	Nesterov bool `json:"nesterov"`
	// WeightDecay is the L2 coefficient. Default 1e-3: the paper's 5e-4 times the
	// decay multiplier 2 of its code's parameter groups.
	WeightDecay float64 `json:"weight_decay"`
	// MaxGradNorm, if positive, scales all gradients down so that their joint L2
	// norm is at most this, before weight decay, as PyTorch's clip_grad_norm_
	// does. Default 0: the paper does not clip.
	MaxGradNorm float64 `json:"max_grad_norm,omitempty"`
	// Rules scale the rate and the decay of some variables.
	Rules []Rule `json:"rules,omitempty"`
}

// Default are the settings of the paper.
func Default() Config {
	return Config{LearningRate: 1e-3, Gamma: 1e-3, Power: 0.75, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-3}
}

// Validate reports all settings that are out of range.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.LearningRate > 0 && !math.IsInf(c.LearningRate, 1), "learning rate is %g: it must be positive and finite", c.LearningRate)
	check(c.Gamma >= 0 && !math.IsInf(c.Gamma, 1), "gamma of the inverse decay is %g: it must be finite and not negative", c.Gamma)
	check(c.Power >= 0 && !math.IsInf(c.Power, 1), "power of the inverse decay is %g: it must be finite and not negative", c.Power)
	check(c.Momentum >= 0 && c.Momentum < 1, "momentum is %g: it must be in [0, 1)", c.Momentum)
	check(!c.Nesterov || c.Momentum > 0, "Nesterov needs a momentum above 0")
	check(c.WeightDecay >= 0 && !math.IsInf(c.WeightDecay, 1), "weight decay is %g: it must be finite and not negative", c.WeightDecay)
	check(c.MaxGradNorm >= 0 && !math.IsInf(c.MaxGradNorm, 1), "maximum gradient norm is %g: it must be positive, or 0 not to clip", c.MaxGradNorm)
	for _, r := range c.Rules {
		errs = append(errs, r.validate())
	}
	return errors.Join(errs...)
}

// Rate is the learning rate of an iteration, from 0, before any rule.
func (c Config) Rate(iteration int) float64 {
	return c.LearningRate * math.Pow(1+c.Gamma*float64(iteration), -c.Power)
}
