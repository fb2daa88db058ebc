package experiments

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/experiments/training/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Scopes of a store's variables: the network, and what only training needs.
const (
	networkScope   = "model"
	objectiveScope = "objective"
)

// network adds the network to the graph of x, with or without its backbone.
type network func(scope *model.Scope, x *Node, classes int) (features, logits *Node)

// trainer holds the compiled graphs of a configuration: one training step and
// one prediction.
type trainer struct {
	config  Config
	classes int
	variant backbone.Variant
	layout  rnlayer.Domains // of a training batch
	// joint says that source and target images pass the network together.
	joint   bool
	network network
	store   *model.Store
	step    *model.Exec
	spread  *dataparallel.Exec // the step on several devices, nil on one
	infer   *model.Exec
	// statistics sets the running statistics to those of a batch.
	statistics *model.Exec
	// population says that the norm is evaluated with the statistics of an epoch.
	population bool
}

// newTrainer prepares the graphs over a store; they are compiled at their first
// use. The configuration must be valid.
func newTrainer(backend compute.Backend, store *model.Store, c Config, classes int, variant backbone.Variant) (*trainer, error) {
	return newSpreadTrainer(1, backend, store, c, classes, variant)
}

// newSpreadTrainer is newTrainer with training steps on so many devices.
func newSpreadTrainer(devices int, backend compute.Backend, store *model.Store, c Config, classes int, variant backbone.Variant) (*trainer, error) {
	norm, err := rnlayer.Lookup(c.Norm)
	if err != nil {
		return nil, err
	}
	goal, err := objective.Lookup(c.Objective)
	if err != nil {
		return nil, err
	}
	opt, err := sgd.New(c.optimizer(norm, goal))
	if err != nil {
		return nil, err
	}
	t := &trainer{
		config: c, classes: classes, variant: variant, layout: c.layout().Shards(devices), store: store,
		joint: norm.UsesTarget || goal.UsesTarget, population: norm.Population && c.trainsNorms(),
	}
	maker, err := c.norm(t.layout)
	if err != nil {
		return nil, err
	}
	if t.network, err = c.networkOf(maker, variant); err != nil {
		return nil, err
	}
	losses := goal.New(c.ObjectiveOptions)
	projected := rnlayer.WithGateProjection(opt)

	t.step, err = model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
		source, labels, target, lambda := inputs[0], inputs[1], inputs[2], inputs[3]
		g := source.Graph()
		store.SetTraining(g, true)
		features, logits := t.network(scope.In(networkScope), t.images(source, target), classes)
		b := objective.Batch{SourceLogits: logits, SourceFeatures: features, SourceLabels: labels, Lambda: lambda}
		if t.joint {
			l, f := t.layout.Split(logits), t.layout.Split(features)
			b.SourceLogits, b.SourceFeatures, b.TargetLogits, b.TargetFeatures = l[0], f[0], l[1], f[1]
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
	if devices > 1 {
		if t.spread, err = dataparallel.New(backend, t.step, devices); err != nil {
			return nil, err
		}
	}
	if t.statistics, err = t.newStatistics(backend, maker); err != nil {
		return nil, err
	}
	t.infer, err = model.NewExec(backend, store, t.logits)
	return t, err
}

// images are those that pass the network together in training.
func (t *trainer) images(source, target *Node) *Node {
	if t.joint {
		return t.layout.Join(source, target)
	}
	return source
}

// logits is the graph of a prediction.
func (t *trainer) logits(scope *model.Scope, x *Node) *Node {
	_, logits := t.network(scope.In(networkScope), x, t.classes)
	return ConvertDType(logits, x.DType())
}

// optimizer is the optimizer's configuration with the rates of the parts that
// are trained from scratch, ten times as high (CDAN's code), and without decay of
// the norm's variables that take none.
func (c Config) optimizer(norm rnlayer.Spec, goal objective.Spec) sgd.Config {
	const fresh = 10
	o := c.Optimizer
	o.Rules = slices.Clone(o.Rules)
	if c.Network.Backbone != "" {
		o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", networkScope, headScope), LearningRate: fresh, WeightDecay: 1})
	}
	if goal.Adversarial {
		o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", objectiveScope, objective.DiscriminatorScope), LearningRate: fresh, WeightDecay: 1})
	}
	if c.trainsNorms() {
		for _, name := range norm.NoDecay {
			o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", networkScope), Name: name, LearningRate: 1})
		}
	}
	return o
}

// finalize frees the compiled graphs.
func (t *trainer) finalize() {
	t.step.Finalize()
	t.statistics.Finalize()
	t.infer.Finalize()
}

// call runs one step.
func (t *trainer) call(source, labels, target, lambda *tensors.Tensor) ([]*tensors.Tensor, error) {
	if t.spread != nil {
		return t.spread.Call(source, labels, target, lambda)
	}
	return t.step.Call(source, labels, target, lambda)
}

// train runs one step and returns its losses. A loss that is not finite is an
// error; the step's update has been made.
func (t *trainer) train(iteration int, b batch) (task, transfer float64, err error) {
	out, err := t.call(b.source, b.sourceLabels, b.target, tensors.FromScalar(float32(t.config.ramp().Coefficient(iteration))))
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
