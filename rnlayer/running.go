package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// runningVariables are the moving averages of a layer's statistics,
// [domains, channels], that inference normalizes with.
type runningVariables struct {
	mean, variance *model.Variable
}

// runningVariables creates or finds the layer's moving averages: means start at
// 0, variances at 1.
func (l *layer) runningVariables() runningVariables {
	shape := shapes.Make(l.x.DType(), l.domains, l.channels)
	return runningVariables{
		mean:     l.scope.WithInitializer(initializer.Zero).VariableWithShape(VarRunningMean, shape).SetTrainable(false),
		variance: l.scope.WithInitializer(initializer.One).VariableWithShape(VarRunningVariance, shape).SetTrainable(false),
	}
}

// update moves the averages towards the batch's statistics m by share momentum.
func (r runningVariables) update(m Moments, momentum float64) {
	move := func(v *model.Variable, value *Node) {
		old := v.NodeValue(value.Graph())
		v.SetNodeValue(Add(MulScalar(old, 1-momentum), MulScalar(StopGradient(value), momentum)))
	}
	move(r.mean, m.Mean)
	move(r.variance, m.Variance)
}

// evaluationDomain is the row of per-domain parameters that inference uses:
// that of the evaluation domain, and the target's with EvalBatch.
func (l *layer) evaluationDomain() int {
	d := int(l.opts.Evaluation)
	if d < 0 || d >= l.domains {
		return l.domains - 1
	}
	return d
}

// evaluationMoments returns the statistics of inference, [1, channels].
func (l *layer) evaluationMoments(b batch, r runningVariables) Moments {
	if l.opts.Evaluation == EvalBatch {
		l.requireSamples(b)
		m := b.moments()
		if l.biased {
			m.Variance = b.biasedVariance(m.Variance)
		}
		return m
	}
	g, d := l.x.Graph(), l.evaluationDomain()
	return Moments{Mean: row(r.mean.NodeValue(g), d), Variance: row(r.variance.NodeValue(g), d)}
}
