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

// New starts a Reciprocal Normalization layer over activations x, from
// [batch, channels] to [batch, depth, height, width, channels]: the paper's
// settings, channels on the last axis. The layout of a training batch must be
// given with [Builder.Domains]. Done builds the layer.
func New(scope *model.Scope, x *Node) *Builder {
	return &Builder{scope: scope, x: x, axis: -1, opts: DefaultOptions()}
}

// Domains sets the layout of the training batch. It has no default.
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

// Compensation turns RC on or off; see [Options]. Default on.
func (b *Builder) Compensation(on bool) *Builder { b.opts.Compensate = on; return b }

// Aggregation turns RA, the learned gates, on or off; see [Options]. Default on.
func (b *Builder) Aggregation(on bool) *Builder { b.opts.Aggregate = on; return b }

// OwnShare sets the fixed share of a domain's own statistics when aggregation
// is off. Default 0.5.
func (b *Builder) OwnShare(share float64) *Builder { b.opts.OwnShare = share; return b }

// GateMin sets the lower end of the gates' range [lo, 1]. Default 0.5.
func (b *Builder) GateMin(lo float64) *Builder { b.opts.GateMin = lo; return b }

// Share selects the statistics that are aggregated. Default [ShareBoth].
func (b *Builder) Share(s Share) *Builder { b.opts.Share = s; return b }

// Epsilon sets what is added to the variance. Default 1e-5.
func (b *Builder) Epsilon(e float64) *Builder { b.opts.Epsilon = e; return b }

// Momentum sets the new value's share in the running statistics. Default 0.1.
func (b *Builder) Momentum(m float64) *Builder { b.opts.Momentum = m; return b }

// Evaluation selects the statistics of inference. Default [EvalTarget].
func (b *Builder) Evaluation(e Evaluation) *Builder { b.opts.Evaluation = e; return b }

// UniformScale draws γ from U(0, 1). Default off: γ starts at 1.
func (b *Builder) UniformScale(on bool) *Builder { b.opts.UniformScale = on; return b }

// Done adds the layer to the graph and returns the normalized activations, in
// the shape and dtype of x. It panics on settings out of range, a batch that is
// not of the layout, a domain with a single sample per channel, or channels
// that do not divide into groups.
func (b *Builder) Done() *Node {
	return build(reciprocalNorm.method, b.scope, b.x, b.axis, b.layout, b.opts)
}
