// Package sgd implements stochastic gradient descent as domain adaptation uses it, for
// any GoMLX trainer: with Nesterov momentum, L2 weight decay, multipliers for groups
// of variables and inverse decay of the learning rate. GoMLX's own optimizer offers
// none of them.
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

// New returns an optimizer, or the error of [Config.Validate].
func New(c Config) (*Optimizer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("sgd: %w", err)
	}
	c.Rules = slices.Clone(c.Rules)
	return &Optimizer{config: c}, nil
}

// velocityScope holds the momentum buffer of each variable at the variable's own path
// below it. Buffers are variables, so checkpoints save them; they are not trainable.
const velocityScope = "/" + optimizer.Scope + "/sgd"

// UpdateGraph implements optimizer.Interface. It updates every trainable variable
// under scope that the graph uses, and increments the global step. The loss is a
// scalar.
func (o *Optimizer) UpdateGraph(scope *model.Scope, _ *Graph, loss *Node) {
	if !loss.IsScalar() {
		Panicf("sgd: loss of shape %s: want a scalar", loss.Shape())
	}
	o.UpdateGraphWithGradients(scope, scope.BuildTrainableVariablesGradientsGraph(loss), loss.DType())
}

// UpdateGraphWithGradients implements train.OptimizeWithGradients. It does what
// [Optimizer.UpdateGraph] does, with given gradients: one for each of its variables,
// in the order of scope.IterVariables.
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
			Panicf("sgd: gradient %d has shape %s, but variable %q has shape %s", i, gradients[i].Shape(), v.Path(), v.Shape())
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
				// This is d + Momentum·buf with d = ∇ + WeightDecay·w written out. If d were used twice, XLA would compute it
				// in a kernel of its own, which writes and reads as much memory as the weights once more.
				d = Add(gradients[i], MulScalar(Add(buf, MulScalar(w, decay/o.config.Momentum)), o.config.Momentum))
			} else {
				d = buf
			}
		}
		v.SetNodeValue(Sub(w, Mul(d, ConvertDType(MulScalar(rate, rateFactor), w.DType()))))
	}
}

// rate increments the global step and returns the learning rate of this step, a
// scalar. It is float64, so that late steps keep their precision whatever the dtype of
// the loss.
func (o *Optimizer) rate(g *Graph) *Node {
	iteration := AddScalar(optimizer.IncrementGlobalStep(g, dtypes.Float64), -1) // the global step counts from 1
	decay := Pow(OnePlus(MulScalar(iteration, o.config.Gamma)), Scalar(g, dtypes.Float64, -o.config.Power))
	return MulScalar(decay, o.config.LearningRate)
}

// trainable returns the variables that have gradients, in the order of the gradients.
// Call it before any other variable is created.
func trainable(scope *model.Scope, g *Graph) []*model.Variable {
	var variables []*model.Variable
	for v := range scope.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			variables = append(variables, v)
		}
	}
	return variables
}

// Clear implements optimizer.Interface by deleting the momentum buffers.
func (o *Optimizer) Clear(scope *model.Scope) error {
	return scope.Store().DeleteVariablesInScope(velocityScope)
}
