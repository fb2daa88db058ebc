package parity

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
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
	if err := r.targetEntropy("target_entropy", l.TargetEntropy); err != nil {
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

// cdan compares a transfer loss with a linear discriminator. The golden
// discriminator has no gradient reversal in front of it, ours has one with
// coefficient c: a second reversal with coefficient 1/c undoes it.
func (r *run) cdan(name string, c golden.CDANLoss, loss transfer) error {
	return r.compareLoss(name, []differentiated{
		{"features", c.Features, c.GradFeatures}, {"logits", c.Logits, c.GradLogits},
		{"disc_w", c.DiscW, c.GradDiscW}, {"disc_b", c.DiscB, c.GradDiscB},
	}, c.Loss, func(scope *model.Scope, in []*Node) *Node {
		features, logits, w, b := in[0], in[1], in[2], in[3]
		lambda := Scalar(features.Graph(), features.DType(), c.GRLCoeff)
		rows := features.Shape().Dim(0) / 2
		batch := objective.Batch{
			SourceLogits: Slice(logits, AxisRange(0, rows)), TargetLogits: Slice(logits, AxisRange(rows)),
			SourceFeatures: Slice(features, AxisRange(0, rows)), TargetFeatures: Slice(features, AxisRange(rows)),
			Lambda: lambda,
		}
		return loss(scope, batch, objective.MultilinearMap, func(_ *model.Scope, x *Node) *Node {
			return affine(objective.ReverseGradient(x, Reciprocal(lambda)), w, b)
		})
	})
}

// affine is x·w + b for w [in, out] and b [out].
func affine(x, w, b *Node) *Node { return Add(MatMul(x, w), InsertAxes(b, 0)) }

// targetEntropy compares the weighted target entropy.
func (r *run) targetEntropy(name string, c golden.EntropyLoss) error {
	return r.compareLoss(name, []differentiated{{"logits", c.Logits, c.GradLogits}}, c.Loss, func(_ *model.Scope, in []*Node) *Node {
		return MulScalar(objective.TargetEntropy(in[0]), c.Weight)
	})
}
