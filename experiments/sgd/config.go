package sgd

import (
	"math"

	"github.com/reciprocalnorm/rn/experiments/problems"
)

// Config holds the settings of the optimizer. Start from [Default]. A step on a
// variable w with gradient ∇ follows PyTorch's rule, where buf starts at 0:
//
//	lr  = LearningRate · (1 + Gamma·i)^(−Power)      i = 0, 1, …
//	d   = ∇ + WeightDecay·w
//	buf = Momentum·buf + d
//	w   = w − lr·(d + Momentum·buf)                   w − lr·buf without Nesterov
type Config struct {
	// LearningRate is the learning rate at iteration 0. Default 1e-3, as in the paper,
	// which uses 3e-4 on VisDA and on Office-31's A→D, A→W and D→W.
	LearningRate float64 `json:"learning_rate"`
	// Gamma and Power shape the inverse decay of the learning rate. Defaults 0.001 and
	// 0.75, as in the paper; Gamma 0 keeps the rate constant.
	Gamma float64 `json:"gamma"`
	Power float64 `json:"power"`
	// Momentum is in [0, 1). Default 0.9.
	Momentum float64 `json:"momentum"`
	// Nesterov selects Nesterov momentum. Default true.
	Nesterov bool `json:"nesterov"`
	// WeightDecay is the coefficient of the L2 penalty. Default 1e-3: the paper's 5e-4
	// times 2, the decay multiplier of the parameter groups in its code.
	WeightDecay float64 `json:"weight_decay"`
	// MaxGradNorm limits the joint L2 norm of all gradients before weight decay, as
	// PyTorch's clip_grad_norm_ does; 0 disables the limit. Default 0, as the paper
	// does not clip.
	MaxGradNorm float64 `json:"max_grad_norm,omitempty"`
	// Rules scale the learning rate and weight decay of selected variables.
	Rules []Rule `json:"rules,omitempty"`
}

// Default returns the settings of the paper.
func Default() Config {
	return Config{LearningRate: 1e-3, Gamma: 1e-3, Power: 0.75, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-3}
}

// Validate returns an error that names every setting that is out of range.
func (c Config) Validate() error {
	var p problems.Problems
	p.Require(c.LearningRate > 0 && !math.IsInf(c.LearningRate, 1), "learning rate is %g: it must be positive and finite", c.LearningRate)
	p.Require(c.Gamma >= 0 && !math.IsInf(c.Gamma, 1), "gamma of the inverse decay is %g: it must be finite and not negative", c.Gamma)
	p.Require(c.Power >= 0 && !math.IsInf(c.Power, 1), "power of the inverse decay is %g: it must be finite and not negative", c.Power)
	p.Require(c.Momentum >= 0 && c.Momentum < 1, "momentum is %g: it must be in [0, 1)", c.Momentum)
	p.Require(!c.Nesterov || c.Momentum > 0, "Nesterov momentum needs a momentum above 0")
	p.Require(c.WeightDecay >= 0 && !math.IsInf(c.WeightDecay, 1), "weight decay is %g: it must be finite and not negative", c.WeightDecay)
	p.Require(c.MaxGradNorm >= 0 && !math.IsInf(c.MaxGradNorm, 1), "maximum gradient norm is %g: it must be positive and finite, or 0 to disable clipping", c.MaxGradNorm)
	for _, r := range c.Rules {
		p.Add(r.validate())
	}
	return p.Err()
}

// Rate returns the learning rate of an iteration, counted from 0, before any rule.
func (c Config) Rate(iteration int) float64 {
	return c.LearningRate * math.Pow(1+c.Gamma*float64(iteration), -c.Power)
}
