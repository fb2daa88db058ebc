package backbone

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// FrozenNorm is a norm that normalizes with its running statistics in training as in
// inference, all domains alike, over the last axis:
//
//	y = γ (x − μ)/√(v + ε) + β
//
// Its variables have the names of package rnlayer: scale and offset [channels], running
// mean and variance [1, channels]. They hold pretrained values: none is trainable, and
// the statistics do not move.
func FrozenNorm(epsilon float64) rnlayer.Norm {
	return func(scope *model.Scope, x *Node) *Node {
		scope = scope.In(rnlayer.ScopeName)
		dtype, channels := parameterDType(x.DType()), x.Shape().Dim(-1)
		parameter := func(name string, initial model.VariableInitializer, dims ...int) *Node {
			v := scope.WithInitializer(initial).VariableWithShape(name, shapes.Make(dtype, dims...)).SetTrainable(false)
			return Reshape(v.NodeValue(x.Graph()), channels)
		}
		gamma := parameter(rnlayer.VarScale, initializer.One, channels)
		beta := parameter(rnlayer.VarOffset, initializer.Zero, channels)
		mean := parameter(rnlayer.VarRunningMean, initializer.Zero, 1, channels)
		variance := parameter(rnlayer.VarRunningVariance, initializer.One, 1, channels)

		along := func(v *Node) *Node { return ExpandLeftToRank(v, x.Rank()) }
		scale := Div(gamma, Sqrt(AddScalar(variance, epsilon)))
		y := Add(Mul(Sub(ConvertDType(x, dtype), along(mean)), along(scale)), along(beta))
		return ConvertDType(y, x.DType())
	}
}
