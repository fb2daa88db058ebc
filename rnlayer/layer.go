package rnlayer

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
)

// ScopeName is the sub-scope of a norm layer's variables. Every norm uses the same, so
// that variables have the same paths in all variants of a network.
const ScopeName = "norm"

// Names of the variables of a norm layer.
const (
	VarScale           = "scale"            // γ [channels]; DSBN: [domains, channels]
	VarOffset          = "offset"           // β, in the shape of γ
	VarRunningMean     = "running_mean"     // [domains, channels]; BN: [1, channels]; not trainable
	VarRunningVariance = "running_variance" // in the shape of the running mean; not trainable
)

// method is the difference between one norm and another.
type method struct {
	pooled    bool // one set of statistics, over the rows of all domains
	ownAffine bool // each domain has its own γ and β
	biased    bool // normalizes with the biased variance, as PyTorch's batch norm does
	whitens   bool // uses the covariances within groups of channels instead of the variances
	// mix replaces the domains' own statistics; nil keeps them.
	mix func(l *layer, own batch.Moments) batch.Moments
	// gain returns a factor for the output of each domain, [domains, channels]; nil is 1.
	gain func(l *layer, m batch.Moments) *Node
	// savedGain is the gain of one domain in inference, [channels], from a store's values.
	savedGain func(l Layer, domain int, epsilon float64) []float64
}

// layer is a norm layer under construction.
type layer struct {
	method
	opts     Options
	scope    *model.Scope
	x        *Node // [batch, …] with the channels on axis, in the dtype of the statistics
	axis     int   // of the channels
	channels int
	domains  int // number of sets of statistics: 1 if pooled
	layout   Domains
}

// build adds a norm layer to the graph of x and returns the normalized x.
func build(m method, scope *model.Scope, x *Node, channelsAxis int, layout Domains, opts Options) *Node {
	axis := requireValid(scope, x, channelsAxis, layout, opts)
	l := &layer{
		method: m, opts: opts, scope: scope.In(ScopeName),
		x: ConvertDType(x, statisticsDType(x.DType())), axis: axis,
		channels: x.Shape().Dim(axis), domains: layout.Count(), layout: layout,
	}
	if m.pooled {
		l.domains = 1
	}
	back := l.joinShards()
	return ConvertDType(back(l.normalize()), x.DType())
}

// requireValid panics unless a layer with these arguments exists, and returns the axis
// of the channels counted from 0.
func requireValid(scope *model.Scope, x *Node, channelsAxis int, layout Domains, opts Options) int {
	if err := opts.Validate(); err != nil {
		Panicf("rnlayer: in scope %q: %v", scope.Scope(), err)
	}
	if x.Rank() < 2 || x.Rank() > 5 {
		Panicf("rnlayer: activations of shape %s in scope %q, expected 2 to 5 axes, from [batch, channels] to [batch, depth, height, width, channels]",
			x.Shape(), scope.Scope())
	}
	if !x.DType().IsFloat() {
		Panicf("rnlayer: activations of shape %s in scope %q, expected a float dtype", x.Shape(), scope.Scope())
	}
	axis := MustAdjustAxis(channelsAxis, x)
	if axis == 0 {
		Panicf("rnlayer: channels axis %d of activations of shape %s in scope %q is the batch axis", channelsAxis, x.Shape(), scope.Scope())
	}
	if layout.Count() == 0 {
		Panicf("rnlayer: in scope %q: %v", scope.Scope(), errNoLayout)
	}
	if int(opts.Evaluation) >= layout.Count() {
		Panicf("rnlayer: evaluation with the statistics of domain %d in scope %q, but there are %d domains, counted from 0",
			int(opts.Evaluation), scope.Scope(), layout.Count())
	}
	return axis
}

// statisticsDType is float32, or float64 for float64 activations.
func statisticsDType(activations dtypes.DType) dtypes.DType {
	if activations == dtypes.Float64 {
		return activations
	}
	return dtypes.Float32
}

// normalize builds the layer: with the statistics of the batch in training, with the
// running ones in inference.
func (l *layer) normalize() *Node {
	if l.whitens {
		return l.whiten()
	}
	gamma, beta := l.affine()
	running := l.runningVariables()
	if !l.scope.IsTraining(l.x.Graph()) {
		b := batch.Whole(l.x, l.axis)
		d := l.evaluationDomain()
		gamma, beta = l.amplify(gamma, beta, running.moments(l.x.Graph()))
		m := l.evaluationMoments(b, running)
		return l.finish(b.Minus(m.Mean), m, row(gamma, d), row(beta, d))
	}
	b := batch.Batch{X: l.x, Axis: l.axis, Parts: l.parts()}
	l.requireSamples(b)
	own, centred := b.Moments()
	used := l.mixed(own)
	if watcherOf(l.x.Graph()) == nil {
		running.update(used, l.opts.Momentum)
	}
	gamma, beta = l.amplify(gamma, beta, used)
	if l.biased {
		own.Variance = b.Biased(own.Variance)
		used = l.mixed(own)
	}
	return l.finish(centred, used, gamma, beta)
}

// mixed returns the statistics to normalize with, given the domains' own.
func (l *layer) mixed(own batch.Moments) batch.Moments {
	if l.mix == nil {
		return own
	}
	return l.mix(l, own)
}

// finish returns γ (x − μ)/√(v + ε) + β.
func (l *layer) finish(x batch.Centred, m batch.Moments, gamma, beta *Node) *Node {
	parts := m.Mean.Shape().Dim(0)
	scale := batch.Scale(batch.PerPart(gamma, parts), m.Variance, l.opts.Epsilon)
	return x.Normalize(m.Mean, scale, batch.PerPart(beta, parts))
}

// parts returns the number of rows of each part of the batch that has statistics of
// its own. A pooled norm takes a batch of any size: the layout makes no difference.
func (l *layer) parts() []int {
	if l.pooled {
		return []int{l.x.Shape().Dim(0)}
	}
	rows, err := l.layout.Rows(l.x.Shape().Dim(0))
	if err != nil {
		Panicf("rnlayer: activations of shape %s in scope %q: %v", l.x.Shape(), l.scope.Scope(), err)
	}
	return rows
}

// requireSamples panics if a part has a single sample per channel.
func (l *layer) requireSamples(b batch.Batch) {
	for d := range b.Parts {
		if b.Samples(d) < 2 {
			Panicf("rnlayer: domain %d has a single sample per channel in activations of shape %s in scope %q: "+
				"the unbiased variance needs at least two rows or positions", d, l.x.Shape(), l.scope.Scope())
		}
	}
}
