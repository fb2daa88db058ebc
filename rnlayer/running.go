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

// IsRunningStatistic reports whether a variable of a norm layer is a moving
// average of statistics, by its name: what a recalibration estimates anew.
func IsRunningStatistic(name string) bool {
	return name == VarRunningMean || name == VarRunningVariance || name == VarRunningCovariance
}

// update moves the averages towards the batch's statistics m by share momentum.
func (r runningVariables) update(m Moments, momentum float64) {
	move(r.mean, m.Mean, momentum)
	move(r.variance, m.Variance, momentum)
}

// move moves the average v towards a value by share momentum.
func move(v *model.Variable, value *Node, momentum float64) {
	old := v.NodeValue(value.Graph())
	v.SetNodeValue(Add(MulScalar(old, 1-momentum), MulScalar(StopGradient(value), momentum)))
}

// moments are the averages of all domains.
func (r runningVariables) moments(g *Graph) Moments {
	return Moments{Mean: r.mean.NodeValue(g), Variance: r.variance.NodeValue(g)}
}

// evaluationDomain is the row of per-domain parameters that inference uses:
// that of the evaluation domain, and the target's with EvalBatch.
func (l *layer) evaluationDomain() int { return l.opts.Evaluation.domain(l.domains) }

// domain is the row of per-domain values, of so many, that an evaluation uses.
func (e Evaluation) domain(domains int) int {
	if e < 0 || int(e) >= domains {
		return domains - 1
	}
	return int(e)
}

// evaluationMoments returns the statistics of inference, [1, channels].
func (l *layer) evaluationMoments(b batch, r runningVariables) Moments {
	if l.opts.Evaluation == EvalBatch {
		l.requireSamples(b)
		m, _ := b.moments()
		if l.biased {
			m.Variance = b.biasedVariance(m.Variance)
		}
		return m
	}
	m, d := r.moments(l.x.Graph()), l.evaluationDomain()
	return Moments{Mean: row(m.Mean, d), Variance: row(m.Variance, d)}
}
