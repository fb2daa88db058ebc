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
	BottleneckScope = "bottleneck"
	ClassifierScope = "classifier"
)

// Head is what follows a pretrained backbone:
//
//	linear Bottleneck → norm → ReLU     features [batch, Bottleneck], what a discriminator sees
//	linear classes                      logits [batch, classes]
//
// Weights of both linear layers start normal with deviation √(2/(in + out))
// (Xavier) and their biases at 0, as in CDAN's code and the authors'. The
// authors' code draws γ of the bottleneck's norm from U(0, 1): give Build a norm
// made with rnlayer.Options.UniformScale for that.
type Head struct {
	// Bottleneck is the width of the features. Default 256 (CDAN's code).
	Bottleneck int
	// Norm says that norm and ReLU follow the bottleneck, as in the paper. The
	// authors' code leaves both out for ResNet-50 on VisDA.
	Norm bool
}

// DefaultHead is the paper's: 256 wide, with norm and ReLU.
func DefaultHead() Head { return Head{Bottleneck: 256, Norm: true} }

// Build adds the head to the graph, over x [batch, in]. Features are in the dtype
// of x, logits in that of weights, see [Activations]. It panics if the
// bottleneck's width or the number of classes is not positive.
func (h Head) Build(scope *model.Scope, x *Node, classes int, norm rnlayer.Norm) (features, logits *Node) {
	if h.Bottleneck < 1 || classes < 1 {
		Panicf("backbone: a head of width %d for %d classes: both must be positive", h.Bottleneck, classes)
	}
	if x.Rank() != 2 {
		Panicf("backbone: features of shape %s for a head, want [batch, features]", x.Shape())
	}
	bottleneck := scope.In(BottleneckScope)
	features = linear(bottleneck, x, h.Bottleneck)
	if h.Norm {
		features = relu(norm(bottleneck, features))
	}
	return features, linear(scope.In(ClassifierScope), wide(features), classes)
}

// linear is x·W + b for x [batch, in].
func linear(scope *model.Scope, x *Node, out int) *Node {
	weights := parameter(scope.WithInitializer(initializer.XavierNormalFn(scope)), VarWeights, x, x.Shape().Dim(1), out)
	biases := parameter(scope.WithInitializer(initializer.Zero), VarBiases, x, out)
	return addBias(product(x, ConvertDType(weights, x.DType())), biases)
}
