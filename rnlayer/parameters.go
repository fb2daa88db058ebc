package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
)

// affine creates or finds γ and β, [channels], or [domains, channels] if each domain
// has its own. γ starts at 1, or uniform in [0, 1) with [Options].UniformScale; β at 0.
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

// amplify multiplies γ and β by the norm's gain for the statistics m.
func (l *layer) amplify(gamma, beta *Node, m batch.Moments) (*Node, *Node) {
	if l.gain == nil {
		return gamma, beta
	}
	gain := l.gain(l, m)
	return Mul(gain, perDomain(gamma)), Mul(gain, perDomain(beta))
}

// perDomain returns a parameter of rank 2: [domains, channels], or [1, channels] if the
// domains share it.
func perDomain(parameter *Node) *Node {
	if parameter.Rank() == 1 {
		return InsertAxes(parameter, 0)
	}
	return parameter
}

// row returns row d of a parameter [domains, …] as [1, …]. It returns a parameter
// [channels], which the domains share, as it is.
func row(parameter *Node, d int) *Node {
	if parameter.Rank() == 1 {
		return parameter
	}
	return Slice(parameter, AxisElem(d))
}
