package training

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Trainer holds the graphs of a configuration over a store of variables: the
// training step, the prediction and the estimate of running statistics. It is for
// one goroutine at a time.
type Trainer struct {
	Prepared Prepared
	Classes  int
	Store    *model.Store
	// Network adds the network to a graph.
	Network Network

	backend compute.Backend
	norm    NormMaker
	step    *model.Exec
	spread  *dataparallel.Exec // the step on several devices; nil on one
	infer   *model.Exec
	// statistics sets the running statistics to those of a batch.
	statistics *model.Exec
}

// New prepares the graphs over a store. They are compiled at their first use.
// Finalize frees them.
func New(backend compute.Backend, store *model.Store, p Prepared, classes int) (_ *Trainer, err error) {
	opt, err := sgd.New(p.Optimizer)
	if err != nil {
		return nil, err
	}
	norm, err := p.NormMaker()
	if err != nil {
		return nil, err
	}
	network, err := p.Network(norm)
	if err != nil {
		return nil, err
	}
	t := &Trainer{Prepared: p, Classes: classes, Store: store, Network: network, backend: backend, norm: norm}
	defer func() {
		if err != nil {
			t.Finalize()
		}
	}()
	if t.step, err = model.NewExec(backend, store, t.stepGraph(rnlayer.WithGateProjection(opt))); err != nil {
		return nil, err
	}
	if p.Devices > 1 {
		if t.spread, err = dataparallel.New(backend, t.step, p.Devices); err != nil {
			return nil, err
		}
	}
	if t.statistics, err = t.newStatistics(); err != nil {
		return nil, err
	}
	if t.infer, err = model.NewExec(backend, store, t.logits); err != nil {
		return nil, err
	}
	return t, nil
}

// stepGraph is the graph of a training step: it takes images and labels of the
// source, images of the target and λ of the gradient reversal, and returns the task
// loss and the transfer loss.
func (t *Trainer) stepGraph(opt optimizer.Interface) func(scope *model.Scope, inputs []*Node) []*Node {
	losses := t.Prepared.Objective.New(t.Prepared.Config.ObjectiveOptions)
	return func(scope *model.Scope, inputs []*Node) []*Node {
		source, labels, target, lambda := inputs[0], inputs[1], inputs[2], inputs[3]
		g := source.Graph()
		t.Store.SetTraining(g, true)
		features, logits := t.Network(scope.In(config.NetworkScope), t.images(source, target), t.Classes)
		b := objective.Batch{SourceLogits: logits, SourceFeatures: features, SourceLabels: labels, Lambda: lambda}
		if t.Prepared.Joint {
			l, f := t.Prepared.Layout.Split(logits), t.Prepared.Layout.Split(features)
			b.SourceLogits, b.SourceFeatures, b.TargetLogits, b.TargetFeatures = l[0], f[0], l[1], f[1]
		}
		l := losses(scope.In(config.ObjectiveScope), b)
		total, transfer := l.Task, ScalarZero(g, l.Task.DType())
		if l.Transfer != nil {
			total, transfer = Add(total, l.Transfer), l.Transfer
		}
		opt.UpdateGraph(scope, g, total)
		return []*Node{l.Task, transfer}
	}
}

// images are the images that pass the network together in training.
func (t *Trainer) images(source, target *Node) *Node {
	if t.Prepared.Joint {
		return t.Prepared.Layout.Join(source, target)
	}
	return source
}

// logits is the graph of a prediction.
func (t *Trainer) logits(scope *model.Scope, x *Node) *Node {
	_, logits := t.Network(scope.In(config.NetworkScope), x, t.Classes)
	return ConvertDType(logits, x.DType())
}

// Finalize frees the compiled graphs. The store keeps its variables.
func (t *Trainer) Finalize() {
	for _, exec := range []*model.Exec{t.step, t.statistics, t.infer} {
		if exec != nil {
			exec.Finalize()
		}
	}
}

// Compile compiles the training step for inputs of the given shapes: source images,
// source labels, target images and λ.
func (t *Trainer) Compile(inputs ...shapes.Shape) error {
	var err error
	if t.spread != nil {
		_, err = t.spread.Compile(inputs...)
	} else {
		_, err = t.step.Compile(inputs...)
	}
	return err
}

// Logits predicts a batch: [batch, classes].
func (t *Trainer) Logits(x *tensors.Tensor) (*tensors.Tensor, error) { return t.infer.Call1(x) }

// call runs the graph of a training step.
func (t *Trainer) call(source, labels, target, lambda *tensors.Tensor) ([]*tensors.Tensor, error) {
	if t.spread != nil {
		return t.spread.Call(source, labels, target, lambda)
	}
	return t.step.Call(source, labels, target, lambda)
}

// Step runs one training step and returns its losses. A loss that is not finite is
// an error, but the variables have been updated.
func (t *Trainer) Step(iteration int, b input.Batch) (task, transfer float64, err error) {
	lambda := tensors.FromScalar(float32(t.Prepared.Config.Ramp().Coefficient(iteration)))
	out, err := t.call(b.Source, b.SourceLabels, b.Target, lambda)
	if err != nil {
		return 0, 0, fmt.Errorf("step %d: %w", iteration+1, err)
	}
	task, transfer = float64(tensors.ToScalar[float32](out[0])), float64(tensors.ToScalar[float32](out[1]))
	for _, loss := range out {
		loss.MustFinalizeAll()
	}
	if sum := task + transfer; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return 0, 0, fmt.Errorf("step %d: the loss is not finite (task %g, transfer %g): try a lower learning rate than %g",
			iteration+1, task, transfer, t.Prepared.Config.Optimizer.LearningRate)
	}
	return task, transfer, nil
}
