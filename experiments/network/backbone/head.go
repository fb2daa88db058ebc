package backbone

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// Scopes of a [Head].
const (
	bottleneckScope = "bottleneck"
	classifierScope = "classifier"
)

// Head follows a pretrained backbone:
//
//	linear Bottleneck → norm → ReLU     features [batch, Bottleneck], the input of a discriminator
//	linear classes                      logits [batch, classes]
//
// Weights of both linear layers start normal with deviation √(2/(in + out)) (Xavier)
// and their biases at 0, as in CDAN's code and in the RN authors'. The RN authors' code
// draws γ of the bottleneck's norm from U(0, 1): to do so, give Build a norm made with
// rnlayer.Options.UniformScale.
type Head struct {
	// Bottleneck is the width of the features; the paper's and CDAN's is 256.
	Bottleneck int
	// Norm adds norm and ReLU behind the bottleneck, as in the paper. The authors' code
	// omits both for ResNet-50 on VisDA.
	Norm bool
}

// Build adds the head to the graph, over x [batch, in]. Features have the dtype of x,
// logits the dtype of weights, see [Activations]. Build panics if the bottleneck's width
// or the number of classes is not positive, or x is of another rank.
func (h Head) Build(scope *model.Scope, x *Node, classes int, norm rnlayer.Norm) (features, logits *Node) {
	if h.Bottleneck < 1 || classes < 1 {
		Panicf("backbone: a head of width %d for %d classes: both must be positive", h.Bottleneck, classes)
	}
	if x.Rank() != 2 {
		Panicf("backbone: the input of a head has shape %s, expected [batch, features]", x.Shape())
	}
	bottleneck := scope.In(bottleneckScope)
	features = linear(bottleneck, x, h.Bottleneck)
	if h.Norm {
		features = relu(norm(bottleneck, features))
	}
	return features, linear(scope.In(classifierScope), wide(features), classes)
}

// linear returns x·W + b for x [batch, in].
func linear(scope *model.Scope, x *Node, out int) *Node {
	weights := parameter(scope.WithInitializer(initializer.XavierNormalFn(scope)), varWeights, x, x.Shape().Dim(1), out)
	biases := parameter(scope.WithInitializer(initializer.Zero), varBiases, x, out)
	return addBias(product(x, ConvertDType(weights, x.DType())), biases)
}
