// Package sgd is stochastic gradient descent as domain adaptation uses it:
// Nesterov momentum, L2 weight decay, learning-rate groups and inverse decay,
// for any GoMLX trainer. GoMLX's own has none of these.
package sgd

import (
	"fmt"
	"path"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Optimizer implements GoMLX's optimizer.Interface and
// train.OptimizeWithGradients.
type Optimizer struct{ config Config }

var (
	_ optimizer.Interface         = (*Optimizer)(nil)
	_ train.OptimizeWithGradients = (*Optimizer)(nil)
)

// New makes the optimizer; its error is that of [Config.Validate].
func New(c Config) (*Optimizer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("sgd: %w", err)
	}
	c.Rules = slices.Clone(c.Rules)
	return &Optimizer{config: c}, nil
}

// velocityScope holds a momentum buffer for each variable, at the variable's
// own path, not trainable; checkpoints save it.
const velocityScope = "/" + optimizer.Scope + "/sgd"

// UpdateGraph implements optimizer.Interface: one step for every trainable
// variable under scope that the graph uses, and one more of the global step.
// The loss is a scalar.
func (o *Optimizer) UpdateGraph(scope *model.Scope, _ *Graph, loss *Node) {
	if !loss.IsScalar() {
		Panicf("sgd: loss of shape %s, want a scalar", loss.Shape())
	}
	o.UpdateGraphWithGradients(scope, scope.BuildTrainableVariablesGradientsGraph(loss), loss.DType())
}

// UpdateGraphWithGradients implements train.OptimizeWithGradients: [Optimizer.UpdateGraph]
// with gradients that were computed before, one for each of its variables, in
// the order of scope.IterVariables.
func (o *Optimizer) UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, _ dtypes.DType) {
	if len(gradients) == 0 {
		Panicf("sgd: no gradients: scope %q has no trainable variable that the graph uses", scope.Scope())
	}
	g := gradients[0].Graph()
	variables := trainable(scope, g)
	if len(variables) != len(gradients) {
		Panicf("sgd: %d gradients for %d trainable variables in scope %q", len(gradients), len(variables), scope.Scope())
	}
	for i, v := range variables {
		if !gradients[i].Shape().Equal(v.Shape()) {
			Panicf("sgd: gradient %d of shape %s for variable %q of shape %s", i, gradients[i].Shape(), v.Path(), v.Shape())
		}
	}
	o.requireRulesMatch(variables)
	if o.config.MaxGradNorm > 0 {
		gradients = clip(gradients, o.config.MaxGradNorm)
	}
	rate := o.rate(g)
	for i, v := range variables {
		rateFactor, decayFactor := o.config.multipliers(v.Path())
		w, decay := v.NodeValue(g), o.config.WeightDecay*decayFactor
		d := Add(gradients[i], MulScalar(w, decay))
		if o.config.Momentum > 0 {
			velocity := scope.Store().Scope(path.Join(velocityScope, v.Scope())).WithInitializer(initializer.Zero).
				VariableWithShape(v.Name(), v.Shape()).SetTrainable(false)
			buf := Add(MulScalar(velocity.NodeValue(g), o.config.Momentum), d)
			velocity.SetNodeValue(buf)
			if o.config.Nesterov {
				// d + Momentum·buf with d written out: XLA makes a value that two others are computed from in a kernel
				// of its own, which writes and reads as much as the whole weights once more.
				d = Add(gradients[i], MulScalar(Add(buf, MulScalar(w, decay/o.config.Momentum)), o.config.Momentum))
			} else {
				d = buf
			}
		}
		v.SetNodeValue(Sub(w, Mul(d, ConvertDType(MulScalar(rate, rateFactor), w.DType()))))
	}
}

// rate is the learning rate of this step, which it counts; a float64 scalar, so
// that late steps keep their precision whatever the dtype of the loss.
func (o *Optimizer) rate(g *Graph) *Node {
	iteration := AddScalar(optimizer.IncrementGlobalStep(g, dtypes.Float64), -1) // counts from 1
	decay := Pow(OnePlus(MulScalar(iteration, o.config.Gamma)), Scalar(g, dtypes.Float64, -o.config.Power))
	return MulScalar(decay, o.config.LearningRate)
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

// Clear implements optimizer.Interface: it deletes the momentum buffers.
func (o *Optimizer) Clear(scope *model.Scope) error {
	return scope.Store().DeleteVariablesInScope(velocityScope)
}
