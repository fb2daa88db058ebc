// Package sgd is stochastic gradient descent as domain adaptation uses it:
// Nesterov momentum, L2 weight decay, learning-rate groups and inverse decay,
// for any GoMLX trainer. GoMLX's own has none of these.
package sgd

import (
	"errors"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Config are the settings of the optimizer. Start from [Default]. One step on
// variable w with gradient ∇ is PyTorch's, with buf = 0 at first:
//
//	lr  = LearningRate · (1 + Gamma·i)^(−Power)      i = 0, 1, …
//	d   = ∇ + WeightDecay·w
//	buf = Momentum·buf + d
//	w   = w − lr·(d + Momentum·buf)                   w − lr·buf without Nesterov
type Config struct {
	// LearningRate is that of iteration 0. Default 1e-3 (the paper).
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
	// Rules scale the rate and the decay of some variables.
	Rules []Rule `json:"rules,omitempty"`
}

// Rule multiplies the learning rate and weight decay of the variables it
// matches. Where several rules match a variable, all of them multiply. A rule
// that matches no trainable variable panics when the graph is built.
type Rule struct {
	// Prefix is a variable path or a scope, such as "/model/head"; "" matches all.
	Prefix string `json:"prefix,omitempty"`
	// Name is a variable's own name, such as "mean_gate"; "" matches all.
	Name string `json:"name,omitempty"`
	// LearningRate multiplies the rate; 1 leaves it.
	LearningRate float64 `json:"learning_rate"`
	// WeightDecay multiplies the decay; 1 leaves it.
	WeightDecay float64 `json:"weight_decay"`
}

// matches reports whether the rule concerns v.
func (r Rule) matches(v *model.Variable) bool {
	prefix := strings.TrimSuffix(r.Prefix, model.ScopeSeparator)
	return (prefix == "" || v.Path() == prefix || strings.HasPrefix(v.Path(), prefix+model.ScopeSeparator)) &&
		(r.Name == "" || v.Name() == r.Name)
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
	check(c.LearningRate > 0 && !math.IsInf(c.LearningRate, 1), "learning rate is %g: it must be positive", c.LearningRate)
	check(c.Gamma >= 0 && !math.IsInf(c.Gamma, 1), "gamma of the inverse decay is %g: it must not be negative", c.Gamma)
	check(c.Power >= 0 && !math.IsInf(c.Power, 1), "power of the inverse decay is %g: it must not be negative", c.Power)
	check(c.Momentum >= 0 && c.Momentum < 1, "momentum is %g: it must be in [0, 1)", c.Momentum)
	check(!c.Nesterov || c.Momentum > 0, "Nesterov needs a momentum above 0")
	check(c.WeightDecay >= 0 && !math.IsInf(c.WeightDecay, 1), "weight decay is %g: it must not be negative", c.WeightDecay)
	for _, r := range c.Rules {
		check(r.LearningRate >= 0 && r.WeightDecay >= 0, "rule for prefix %q, name %q: multipliers %g and %g must not be negative",
			r.Prefix, r.Name, r.LearningRate, r.WeightDecay)
	}
	return errors.Join(errs...)
}

// Rate is the learning rate of an iteration, from 0, before any rule.
func (c Config) Rate(iteration int) float64 {
	return c.LearningRate * math.Pow(1+c.Gamma*float64(iteration), -c.Power)
}

// Optimizer implements GoMLX's optimizer.Interface and
// train.OptimizeWithGradients.
type Optimizer struct{ config Config }

var (
	_ optimizer.Interface         = (*Optimizer)(nil)
	_ train.OptimizeWithGradients = (*Optimizer)(nil)
)

// New makes the optimizer.
func New(c Config) (*Optimizer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("sgd: %w", err)
	}
	return &Optimizer{config: c}, nil
}

// velocityScope holds a momentum buffer for each variable, at the variable's
// own path, not trainable; checkpoints save it.
const velocityScope = "/" + optimizer.Scope + "/sgd"

// UpdateGraph implements optimizer.Interface.
func (o *Optimizer) UpdateGraph(scope *model.Scope, _ *Graph, loss *Node) {
	o.UpdateGraphWithGradients(scope, scope.BuildTrainableVariablesGradientsGraph(loss), loss.DType())
}

// UpdateGraphWithGradients implements train.OptimizeWithGradients.
func (o *Optimizer) UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, _ dtypes.DType) {
	if len(gradients) == 0 {
		Panicf("sgd: scope %q has no trainable variable that the loss depends on", scope.Scope())
	}
	g := gradients[0].Graph()
	variables := trainable(scope, g)
	if len(variables) != len(gradients) {
		Panicf("sgd: %d gradients for %d trainable variables in scope %q", len(gradients), len(variables), scope.Scope())
	}
	o.requireRulesMatch(variables)

	// In float64, so that late iterations keep their precision.
	iteration := AddScalar(optimizer.IncrementGlobalStep(g, dtypes.Float64), -1) // counts from 1
	rate := MulScalar(Pow(AddScalar(MulScalar(iteration, o.config.Gamma), 1), Scalar(g, dtypes.Float64, -o.config.Power)), o.config.LearningRate)

	for i, v := range variables {
		rateFactor, decayFactor := o.multipliers(v)
		w := v.NodeValue(g)
		d := Add(gradients[i], MulScalar(w, o.config.WeightDecay*decayFactor))
		if o.config.Momentum > 0 {
			velocity := scope.Store().Scope(path.Join(velocityScope, v.Scope())).WithInitializer(initializer.Zero).
				VariableWithShape(v.Name(), v.Shape()).SetTrainable(false)
			buf := Add(MulScalar(velocity.NodeValue(g), o.config.Momentum), d)
			velocity.SetNodeValue(buf)
			if o.config.Nesterov {
				d = Add(d, MulScalar(buf, o.config.Momentum))
			} else {
				d = buf
			}
		}
		v.SetNodeValue(Sub(w, Mul(d, ConvertDType(MulScalar(rate, rateFactor), w.DType()))))
	}
}

// trainable collects the variables that gradients are for, in their order,
// before any other variable is created.
func trainable(scope *model.Scope, g *Graph) []*model.Variable {
	var variables []*model.Variable
	for v := range scope.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			variables = append(variables, v)
		}
	}
	return variables
}

// requireRulesMatch panics on a rule that concerns none of the variables.
func (o *Optimizer) requireRulesMatch(variables []*model.Variable) {
	for _, r := range o.config.Rules {
		found := false
		for _, v := range variables {
			found = found || r.matches(v)
		}
		if !found {
			Panicf("sgd: the rule for prefix %q, name %q matches none of the %d trainable variables, the first of which is %q",
				r.Prefix, r.Name, len(variables), variables[0].Path())
		}
	}
}

// multipliers returns the product of the rules that match v.
func (o *Optimizer) multipliers(v *model.Variable) (rate, decay float64) {
	rate, decay = 1, 1
	for _, r := range o.config.Rules {
		if r.matches(v) {
			rate *= r.LearningRate
			decay *= r.WeightDecay
		}
	}
	return rate, decay
}

// Clear implements optimizer.Interface: it deletes the momentum buffers.
func (o *Optimizer) Clear(scope *model.Scope) error {
	return scope.Store().DeleteVariablesInScope(velocityScope)
}
