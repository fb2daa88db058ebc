package objective

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// DiscriminatorScope is the sub-scope of the discriminator's variables. Optimizer
// rules refer to it.
const DiscriminatorScope = "discriminator"

// Discriminator adds to the graph a network that tells domains apart. It maps inputs
// [rows, width] to logits [rows, 1], which are positive for source rows.
type Discriminator func(scope *model.Scope, x *Node) *Node

// mlp returns the discriminator of CDAN's code: width → hidden → hidden → 1 with ReLU
// and dropout after the first two layers, Xavier-normal weights and zero biases.
// Dropout is active in training only. mlp panics on options that [Options.Validate]
// refuses.
func mlp(o Options) Discriminator {
	if err := o.Validate(); err != nil {
		Panicf("objective: discriminator: %v", err)
	}
	return func(scope *model.Scope, x *Node) *Node {
		for _, name := range []string{"hidden1", "hidden2"} {
			x = dense(scope.In("%s", name), x, o.DiscriminatorHidden)
			x = relu(x)
			if o.Dropout > 0 {
				x = layers.Dropout(scope, x, Scalar(x.Graph(), x.DType(), o.Dropout))
			}
		}
		return dense(scope.In("output"), x, 1)
	}
}

// dense adds a fully connected layer with Xavier-normal weights and zero biases.
func dense(scope *model.Scope, x *Node, width int) *Node {
	return layers.DenseWithBias(scope.WithInitializer(initializer.XavierNormalFn(scope)), x, width)
}

// relu returns max(x, 0) with the derivative 0 at x = 0, as in PyTorch; GoMLX's
// maximum has the derivative 1 there. x is exactly 0 in rows whose hidden values are
// all 0, because biases start at 0.
func relu(x *Node) *Node {
	return Where(GreaterThan(x, ScalarZero(x.Graph(), x.DType())), x, ZerosLike(x))
}
