package experiments

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Scopes of a store's variables: the network, and what only training needs.
const (
	networkScope   = "model"
	objectiveScope = "objective"
)

// trainer holds the compiled graphs of a configuration: one training step and
// one prediction.
type trainer struct {
	config  Config
	recipe  Recipe
	classes int
	// joint says that source and target images pass the network together.
	joint bool
	layer rnlayer.Norm
	store *model.Store
	step  *model.Exec
	infer *model.Exec
}

// newTrainer prepares the graphs over a store; they are compiled at their first
// use. The configuration must be valid.
func newTrainer(backend compute.Backend, store *model.Store, c Config, classes int) (*trainer, error) {
	recipe, err := LookupRecipe(c.Recipe)
	if err != nil {
		return nil, err
	}
	norm, err := rnlayer.Lookup(c.Norm)
	if err != nil {
		return nil, err
	}
	goal, err := objective.Lookup(c.Objective)
	if err != nil {
		return nil, err
	}
	optimizerConfig := c.Optimizer
	if goal.Adversarial { // ten times the rate, as in CDAN's code
		optimizerConfig.Rules = slices.Concat(optimizerConfig.Rules, []sgd.Rule{{
			Prefix: model.JoinPath("/", objectiveScope, objective.DiscriminatorScope), LearningRate: 10, WeightDecay: 1,
		}})
	}
	opt, err := sgd.New(optimizerConfig)
	if err != nil {
		return nil, err
	}
	t := &trainer{
		config: c, recipe: recipe, classes: classes, store: store,
		joint: norm.UsesTarget || goal.UsesTarget,
	}
	t.layer = norm.Norm(rnlayer.Sizes(c.BatchSize, c.BatchSize), c.NormOptions)
	losses := goal.New(c.ObjectiveOptions)
	projected := rnlayer.WithGateProjection(opt)

	t.step, err = model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
		source, labels, target, lambda := inputs[0], inputs[1], inputs[2], inputs[3]
		g := source.Graph()
		store.SetTraining(g, true)
		x := source
		if t.joint {
			x = Concatenate([]*Node{source, target}, 0)
		}
		features, logits := recipe.Network(scope.In(networkScope), x, classes, t.layer)
		rows := AxisRange(0, c.BatchSize)
		b := objective.Batch{
			SourceLogits: Slice(logits, rows), SourceFeatures: Slice(features, rows),
			SourceLabels: labels, Lambda: lambda,
		}
		if t.joint {
			rows = AxisRange(c.BatchSize)
			b.TargetLogits, b.TargetFeatures = Slice(logits, rows), Slice(features, rows)
		}
		l := losses(scope.In(objectiveScope), b)
		total, transfer := l.Task, ScalarZero(g, l.Task.DType())
		if l.Transfer != nil {
			total, transfer = Add(total, l.Transfer), l.Transfer
		}
		projected.UpdateGraph(scope, g, total)
		return []*Node{l.Task, transfer}
	})
	if err != nil {
		return nil, err
	}
	t.infer, err = model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		_, logits := recipe.Network(scope.In(networkScope), x, classes, t.layer)
		return ConvertDType(logits, x.DType())
	})
	return t, err
}

// finalize frees the compiled graphs.
func (t *trainer) finalize() {
	t.step.Finalize()
	t.infer.Finalize()
}

// batch is the images of one step. There is no place for labels of the target.
type batch struct {
	source, target *tensors.Tensor // [batch, height, width, channels]
	sourceLabels   *tensors.Tensor // [batch]
}

// train runs one step and returns its losses. A loss that is not finite is an
// error; the step's update has been made.
func (t *trainer) train(iteration int, b batch) (task, transfer float64, err error) {
	out, err := t.step.Call(b.source, b.sourceLabels, b.target, float32(t.config.ramp().Coefficient(iteration)))
	if err != nil {
		return 0, 0, fmt.Errorf("step %d: %w", iteration+1, err)
	}
	task, transfer = float64(tensors.ToScalar[float32](out[0])), float64(tensors.ToScalar[float32](out[1]))
	if sum := task + transfer; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return 0, 0, fmt.Errorf("step %d: the loss is not finite (task %g, transfer %g): try a lower learning rate than %g",
			iteration+1, task, transfer, t.config.Optimizer.LearningRate)
	}
	return task, transfer, nil
}
