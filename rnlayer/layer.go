package rnlayer

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ScopeName is the sub-scope that holds the variables of a norm layer. It is
// the same for every norm, so that a network has the same paths with all.
const ScopeName = "norm"

// Names of the variables of a norm layer, and their shapes.
const (
	VarScale           = "scale"            // γ: [channels], DSBN [domains, channels]
	VarOffset          = "offset"           // β: as γ
	VarRunningMean     = "running_mean"     // [domains, channels], BN [1, channels]; not trainable
	VarRunningVariance = "running_variance" // as the running mean
)

// method is what tells one norm from another; everything else is the same.
type method struct {
	pooled    bool // the statistics of the whole batch, taken as one domain
	ownAffine bool // γ and β of each domain instead of shared ones
	biased    bool // the batch is normalized with the biased variance, as PyTorch's batch norm does
	whitens   bool // with covariances within groups of channels, instead of variances
	// mix replaces the domains' own statistics; nil keeps them.
	mix func(l *layer, own Moments) Moments
	// gain multiplies the output of each domain, [domains, channels], by what the
	// statistics of all domains give; nil does not.
	gain func(l *layer, m Moments) *Node
	// savedGain is the gain of a domain in inference, from a store's values.
	savedGain func(l Layer, domain int, epsilon float64) []float64
}

// layer is a norm layer under construction.
type layer struct {
	method
	opts     Options
	scope    *model.Scope
	x        *Node // [batch, …] with channels on axis, in the dtype of the statistics
	axis     int   // of the channels
	channels int
	domains  int // number of statistics kept, 1 for pooled
	layout   Domains
}

// build adds a norm layer to the graph of x and returns the normalized x.
func build(m method, scope *model.Scope, x *Node, channelsAxis int, layout Domains, opts Options) *Node {
	if err := opts.Validate(); err != nil {
		Panicf("rnlayer: in scope %q: %v", scope.Scope(), err)
	}
	if x.Rank() < 2 || x.Rank() > 5 {
		Panicf("rnlayer: activations of shape %s in scope %q: want 2 to 5 axes, from [batch, channels] to [batch, depth, height, width, channels]",
			x.Shape(), scope.Scope())
	}
	if !x.DType().IsFloat() {
		Panicf("rnlayer: activations of shape %s in scope %q: want a float dtype", x.Shape(), scope.Scope())
	}
	axis := MustAdjustAxis(channelsAxis, x)
	if axis == 0 {
		Panicf("rnlayer: channels axis %d of activations of shape %s in scope %q is the batch axis", channelsAxis, x.Shape(), scope.Scope())
	}
	if layout.Count() == 0 {
		Panicf("rnlayer: in scope %q: %v", scope.Scope(), errNoLayout)
	}
	if int(opts.Evaluation) >= layout.Count() {
		Panicf("rnlayer: evaluation with the statistics of domain %d in scope %q, but there are %d domains", int(opts.Evaluation), scope.Scope(), layout.Count())
	}
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

// statisticsDType is float32, or float64 for float64 activations.
func statisticsDType(activations dtypes.DType) dtypes.DType {
	if activations == dtypes.Float64 {
		return activations
	}
	return dtypes.Float32
}

// normalize builds the layer: statistics of the batch in training, running
// ones in inference.
func (l *layer) normalize() *Node {
	if l.whitens {
		return l.whiten()
	}
	gamma, beta := l.affine()
	running := l.runningVariables()
	if !l.scope.IsTraining(l.x.Graph()) {
		b := batch{l.x, l.axis, []int{l.x.Shape().Dim(0)}}
		d := l.evaluationDomain()
		gamma, beta = l.amplify(gamma, beta, running.moments(l.x.Graph()))
		m := l.evaluationMoments(b, running)
		return l.finish(b.less(m.Mean), m, row(gamma, d), row(beta, d))
	}
	b := batch{l.x, l.axis, l.parts()}
	l.requireSamples(b)
	own, c := b.moments()
	used := l.mixed(own)
	if watcherOf(l.x.Graph()) == nil {
		running.update(used, l.opts.Momentum)
	}
	gamma, beta = l.amplify(gamma, beta, used)
	if l.biased {
		own.Variance = b.biasedVariance(own.Variance)
		used = l.mixed(own)
	}
	return l.finish(c, used, gamma, beta)
}

// mixed returns what the domains' own statistics are replaced with.
func (l *layer) mixed(own Moments) Moments {
	if l.mix == nil {
		return own
	}
	return l.mix(l, own)
}

// amplify multiplies γ and β by the gain that statistics give.
func (l *layer) amplify(gamma, beta *Node, m Moments) (*Node, *Node) {
	if l.gain == nil {
		return gamma, beta
	}
	gain := l.gain(l, m)
	return Mul(gain, perDomain(gamma)), Mul(gain, perDomain(beta))
}

// perDomain returns a parameter as [domains, channels], a shared one as
// [1, channels].
func perDomain(parameter *Node) *Node {
	if parameter.Rank() == 1 {
		return InsertAxes(parameter, 0)
	}
	return parameter
}

// finish returns γ (x − μ)/√(v + ε) + β.
func (l *layer) finish(c centred, m Moments, gamma, beta *Node) *Node {
	parts := m.Mean.Shape().Dim(0)
	return c.normalize(m.Mean, scale(perPart(gamma, parts), m.Variance, l.opts.Epsilon), perPart(beta, parts))
}

// perPart returns a parameter, [channels] or [parts, channels], for each of so many
// parts. The gradient of one that they share is a sum of rows: a reduction XLA would
// merge with that over the activations before it, into a pass of its own over them
// beside that of the parts.
func perPart(parameter *Node, parts int) *Node {
	switch {
	case parameter.Rank() == 2:
		return parameter
	case parts == 1:
		return InsertAxes(parameter, 0)
	}
	return withGradient([]*Node{repeat(parameter, 0, parts)}, []*Node{parameter}, func(adjoints []*Node) []*Node {
		sum := Slice(adjoints[0], AxisElem(0))
		for d := 1; d < parts; d++ {
			sum = Add(sum, Slice(adjoints[0], AxisElem(d)))
		}
		return []*Node{Squeeze(sum, 0)}
	})[0]
}

// scale returns s = γ r, r = 1/√(v + ε), with its gradient: ∂γ = r ∂s and
// ∂v = −∂γ s r/2.
func scale(gamma, variance *Node, epsilon float64) *Node {
	r := Rsqrt(AddScalar(variance, epsilon))
	s := Mul(gamma, r)
	return withGradient([]*Node{s}, []*Node{gamma, variance}, func(adjoints []*Node) []*Node {
		dGamma := Mul(adjoints[0], r)
		return []*Node{dGamma, MulScalar(Mul(Mul(dGamma, s), r), -0.5)}
	})[0]
}

// parts returns the rows of each set of rows that shares statistics. Pooled
// statistics take any batch: its layout makes no difference to them.
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

// requireSamples panics if a variance would be that of one sample.
func (l *layer) requireSamples(b batch) {
	for d := range b.parts {
		if b.samples(d) < 2 {
			Panicf("rnlayer: domain %d has a single sample per channel in activations of shape %s in scope %q: "+
				"the unbiased variance needs at least two rows or positions", d, l.x.Shape(), l.scope.Scope())
		}
	}
}

// affine returns γ and β, shaped [channels] or, if every domain has its own,
// [domains, channels].
func (l *layer) affine() (gamma, beta *Node) {
	g := l.x.Graph()
	shape := shapes.Make(l.x.DType(), l.channels)
	if l.ownAffine {
		shape = shapes.Make(l.x.DType(), l.domains, l.channels)
	}
	initialScale := model.VariableInitializer(initializer.One)
	if l.opts.UniformScale {
		initialScale = initializer.RandomUniformFn(l.scope, 0, 1)
	}
	gamma = l.scope.WithInitializer(initialScale).VariableWithShape(VarScale, shape).NodeValue(g)
	beta = l.scope.WithInitializer(initializer.Zero).VariableWithShape(VarOffset, shape).NodeValue(g)
	return gamma, beta
}

// row returns row d of a parameter [domains, channels] as [1, channels]; a
// shared parameter, [channels], as it is.
func row(parameter *Node, d int) *Node {
	if parameter.Rank() == 1 {
		return parameter
	}
	return Slice(parameter, AxisElem(d))
}
