package objective

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// DiscriminatorScope is the sub-scope of the discriminator's variables, for
// rules of the optimizer.
const DiscriminatorScope = "discriminator"

// Discriminator adds a network to the graph that tells domains apart: inputs
// [rows, width] → logits [rows, 1], positive for source.
type Discriminator func(scope *model.Scope, x *Node) *Node

// MLP is the discriminator of CDAN's code: width → hidden → hidden → 1 with
// ReLU and dropout after the first two layers, Xavier-normal weights and zero
// biases. Dropout is active in training only. Inputs [rows, width], outputs
// [rows, 1]. It panics on options that [Options.Validate] reports.
func MLP(o Options) Discriminator {
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

// dense is a fully connected layer with the discriminator's initial weights.
func dense(scope *model.Scope, x *Node, width int) *Node {
	return layers.DenseWithBias(scope.WithInitializer(initializer.XavierNormalFn(scope)), x, width)
}

// relu is max(x, 0) with derivative 0 at 0, as in PyTorch; GoMLX's maximum has
// 1. Rows whose hidden values are all 0 meet it exactly, as biases start at 0.
func relu(x *Node) *Node {
	return Where(GreaterThan(x, ScalarZero(x.Graph(), x.DType())), x, ZerosLike(x))
}
