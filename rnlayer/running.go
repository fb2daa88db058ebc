package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
)

// IsRunningStatistic reports whether a norm layer's variable of this name is a moving
// average of statistics. Recalibration estimates these variables again.
func IsRunningStatistic(name string) bool {
	return name == VarRunningMean || name == VarRunningVariance || name == VarRunningCovariance
}

// runningVariables are the moving averages of a layer's statistics,
// [domains, channels], with which inference normalizes.
type runningVariables struct {
	mean, variance *model.Variable
}

// runningVariables creates or finds the layer's moving averages. Means start at 0 and
// variances at 1.
func (l *layer) runningVariables() runningVariables {
	shape := shapes.Make(l.x.DType(), l.domains, l.channels)
	return runningVariables{
		mean:     l.scope.WithInitializer(initializer.Zero).VariableWithShape(VarRunningMean, shape).SetTrainable(false),
		variance: l.scope.WithInitializer(initializer.One).VariableWithShape(VarRunningVariance, shape).SetTrainable(false),
	}
}

// update moves the averages towards the batch's statistics m.
func (r runningVariables) update(m batch.Moments, momentum float64) {
	move(r.mean, m.Mean, momentum)
	move(r.variance, m.Variance, momentum)
}

// move sets the average v to (1 − momentum)·v + momentum·value. No gradient flows
// through the value.
func move(v *model.Variable, value *Node, momentum float64) {
	old := v.NodeValue(value.Graph())
	v.SetNodeValue(Add(MulScalar(old, 1-momentum), MulScalar(StopGradient(value), momentum)))
}

// moments returns the averages of all domains.
func (r runningVariables) moments(g *Graph) batch.Moments {
	return batch.Moments{Mean: r.mean.NodeValue(g), Variance: r.variance.NodeValue(g)}
}

// evaluationMoments returns the statistics of inference, [1, channels].
func (l *layer) evaluationMoments(b batch.Batch, r runningVariables) batch.Moments {
	if l.opts.Evaluation == EvalBatch {
		l.requireSamples(b)
		m, _ := b.Moments()
		if l.biased {
			m.Variance = b.Biased(m.Variance)
		}
		return m
	}
	m, d := r.moments(l.x.Graph()), l.evaluationDomain()
	return batch.Moments{Mean: row(m.Mean, d), Variance: row(m.Variance, d)}
}

// evaluationDomain is the row of per-domain parameters that inference uses.
func (l *layer) evaluationDomain() int { return l.opts.Evaluation.domain(l.domains) }

// domain returns the row that inference uses of values with one row a domain. For
// [EvalBatch], which takes no statistics from there, it is the target's.
func (e Evaluation) domain(domains int) int {
	if e < 0 || int(e) >= domains {
		return domains - 1
	}
	return int(e)
}
