package parity

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/experiments/training/sgd"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// losses runs the transfer losses with their gradients, and the schedules.
func (r *run) losses() error {
	l := r.file.Losses
	if err := r.cdan("cdan", l.CDAN, objective.CDAN); err != nil {
		return err
	}
	if err := r.cdan("cdan_e", l.CDANE, objective.CDANE); err != nil {
		return err
	}
	if err := r.entropy(l.TargetEntropy); err != nil {
		return err
	}
	ramp := objective.DefaultRamp()
	for _, c := range l.GRLCoefficient {
		r.compareValues(fmt.Sprintf("grl_coefficient at %d", c.Iteration),
			[]float64{ramp.Coefficient(c.Iteration)}, []float64{c.Value}, r.tolerance())
	}
	for _, c := range l.InverseDecayLR {
		decay := sgd.Default()
		decay.LearningRate = c.Base
		r.compareValues(fmt.Sprintf("inverse_decay_lr at %d", c.Iteration),
			[]float64{decay.Rate(c.Iteration)}, []float64{c.Value}, r.tolerance())
	}
	return nil
}

// transfer is objective.CDAN or objective.CDANE.
type transfer func(*model.Scope, objective.Batch, objective.Conditioning, objective.Discriminator) *Node

// cdan compares a transfer loss with a linear discriminator. The golden numbers
// have no reversal in front of the discriminator; the reversal of ours, of
// coefficient c, is undone on its input by one of coefficient 1/c behind it.
func (r *run) cdan(name string, c golden.CDANLoss, loss transfer) error {
	out, err := model.CallOnceN(r.backend, model.NewStore(), func(scope *model.Scope, features, logits, w, b, lambda *Node) []*Node {
		rows := features.Shape().Dim(0) / 2
		batch := objective.Batch{
			SourceLogits: Slice(logits, AxisRange(0, rows)), TargetLogits: Slice(logits, AxisRange(rows)),
			SourceFeatures: Slice(features, AxisRange(0, rows)), TargetFeatures: Slice(features, AxisRange(rows)),
			Lambda: lambda,
		}
		linear := func(_ *model.Scope, x *Node) *Node {
			return Add(MatMul(objective.ReverseGradient(x, Reciprocal(lambda)), w), InsertAxes(b, 0))
		}
		l := loss(scope, batch, objective.MultilinearMap, linear)
		return append([]*Node{l}, Gradient(l, features, logits, w, b)...)
	}, r.tensor(c.Features), r.tensor(c.Logits), r.tensor(c.DiscW), r.tensor(c.DiscB), r.scalar(c.GRLCoeff))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return r.compareAll(name, out, []string{"loss", "grad_features", "grad_logits", "grad_disc_w", "grad_disc_b"},
		[]golden.Array{{Data: []float64{c.Loss}}, c.GradFeatures, c.GradLogits, c.GradDiscW, c.GradDiscB})
}

// entropy compares the target entropy.
func (r *run) entropy(c golden.EntropyLoss) error {
	out, err := model.CallOnceN(r.backend, model.NewStore(), func(_ *model.Scope, logits *Node) []*Node {
		l := MulScalar(objective.TargetEntropy(logits), c.Weight)
		return append([]*Node{l}, Gradient(l, logits)...)
	}, r.tensor(c.Logits))
	if err != nil {
		return fmt.Errorf("target_entropy: %w", err)
	}
	return r.compareAll("target_entropy", out, []string{"loss", "grad_logits"},
		[]golden.Array{{Data: []float64{c.Loss}}, c.GradLogits})
}

// compareAll checks outputs against arrays of the same order.
func (r *run) compareAll(prefix string, got []*tensors.Tensor, names []string, want []golden.Array) error {
	for i, name := range names {
		if err := r.compare(prefix+"."+name, got[i], want[i], r.tolerance()); err != nil {
			return err
		}
	}
	return nil
}
