package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Builder configures a Reciprocal Normalization layer; make one with [New].
type Builder struct {
	scope  *model.Scope
	x      *Node
	axis   int
	layout Domains
	opts   Options
}

// New starts a Reciprocal Normalization layer with the paper's settings over
// activations x, from [batch, channels] to [batch, depth, height, width, channels].
// Give the layout of a training batch with [Builder.Domains]; Done adds the layer.
func New(scope *model.Scope, x *Node) *Builder {
	return &Builder{scope: scope, x: x, axis: -1, opts: DefaultOptions()}
}

// Domains sets the layout of the training batch. It is required.
func (b *Builder) Domains(layout Domains) *Builder { b.layout = layout; return b }

// ChannelsAxis sets the axis of the channels. Default −1, the last.
func (b *Builder) ChannelsAxis(axis int) *Builder { b.axis = axis; return b }

// Options sets all options at once.
func (b *Builder) Options(o Options) *Builder { b.opts = o; return b }

// Distance sets how channels are compared. Default [DistanceL2].
func (b *Builder) Distance(d Distance) *Builder { b.opts.Distance = d; return b }

// GroupSize sets how many adjacent channels are compared as one. Default 0, the
// paper's [PaperGroupSize].
func (b *Builder) GroupSize(channels int) *Builder { b.opts.GroupSize = channels; return b }

// Compensation turns RC on or off, see [Options]. Default on.
func (b *Builder) Compensation(on bool) *Builder { b.opts.Compensate = on; return b }

// Aggregation turns RA, the learned gates, on or off, see [Options]. Default on.
func (b *Builder) Aggregation(on bool) *Builder { b.opts.Aggregate = on; return b }

// OwnShare sets the constant that replaces the gates without aggregation, the weight of
// a domain's own statistics. Default 0.5.
func (b *Builder) OwnShare(weight float64) *Builder { b.opts.OwnShare = weight; return b }

// GateMin sets the lower end of the gates' range [lo, 1]. Default 0.5.
func (b *Builder) GateMin(lo float64) *Builder { b.opts.GateMin = lo; return b }

// Share selects the statistics that domains share. Default [ShareBoth].
func (b *Builder) Share(s Share) *Builder { b.opts.Share = s; return b }

// Epsilon sets the constant added to the variance. Default 1e-5.
func (b *Builder) Epsilon(e float64) *Builder { b.opts.Epsilon = e; return b }

// Momentum sets the weight of the new value in the running statistics. Default 0.1.
func (b *Builder) Momentum(m float64) *Builder { b.opts.Momentum = m; return b }

// Evaluation selects the statistics of inference. Default [EvalTarget].
func (b *Builder) Evaluation(e Evaluation) *Builder { b.opts.Evaluation = e; return b }

// UniformScale draws the initial γ from U(0, 1). Default off: γ starts at 1.
func (b *Builder) UniformScale(on bool) *Builder { b.opts.UniformScale = on; return b }

// Done adds the layer to the graph and returns the normalized activations, in the shape
// and dtype of x. It panics if an option is out of range, the batch does not fit the
// layout, a domain has a single sample per channel, or the channels do not divide into
// groups.
func (b *Builder) Done() *Node {
	return build(reciprocalNorm.method, b.scope, b.x, b.axis, b.layout, b.opts)
}
