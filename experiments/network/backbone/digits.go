// Package backbone holds the networks, with the normalization injected as a
// function.
package backbone

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// DigitsFeatures is the width of the digits network's features.
const DigitsFeatures = 128

// digitsChannels are those of its convolutions.
var digitsChannels = []int{16, 32}

// Digits is a small convolutional network for images [batch, height, width,
// channels] of at least 16×16, such as digits of 28×28:
//
//	conv 5×5, 16 → norm → ReLU → max-pool 2
//	conv 5×5, 32 → norm → ReLU → max-pool 2
//	dense 128    → norm → ReLU               features [batch, 128]
//	dense classes                            logits [batch, classes]
//
// Convolutions have no padding and, as the norm's offset follows, no bias.
// Weights start uniform in ±1/√(fan-in), PyTorch's default. Activations and
// features are in the dtype of x, logits in that of weights, see [Activations].
func Digits(scope *model.Scope, x *Node, classes int, norm rnlayer.Norm) (features, logits *Node) {
	if x.Rank() != 4 || x.Shape().Dim(1) < 16 || x.Shape().Dim(2) < 16 {
		Panicf("backbone: images of shape %s for the digits network, want [batch, height, width, channels] of 16×16 or more", x.Shape())
	}
	for i, channels := range digitsChannels {
		block := scope.In("conv%d", i+1)
		const kernel = 5
		fanIn := kernel * kernel * x.Shape().Dim(-1)
		weights := parameter(uniform(block, fanIn).In("conv"), VarWeights, x, kernel, kernel, x.Shape().Dim(-1), channels)
		x = Convolve(x, ConvertDType(weights, x.DType())).Strides(1).NoPadding().Done()
		x = relu(norm(block, x))
		x = MaxPool(x).Window(2).Done()
	}
	head := scope.In("head")
	x = Reshape(x, x.Shape().Dim(0), -1)
	hidden := head.In("hidden")
	weights := parameter(uniform(hidden, x.Shape().Dim(-1)).In("dense"), VarWeights, x, x.Shape().Dim(-1), DigitsFeatures)
	features = relu(norm(hidden, product(x, ConvertDType(weights, x.DType()))))
	output := uniform(head.In("output"), DigitsFeatures).In("dense")
	weights = parameter(output, VarWeights, features, DigitsFeatures, classes)
	return features, addBias(product(wide(features), weights), parameter(output, VarBiases, features, classes))
}

// uniform is the scope with weights that start in ±1/√fanIn.
func uniform(scope *model.Scope, fanIn int) *model.Scope {
	bound := 1 / math.Sqrt(float64(fanIn))
	return scope.WithInitializer(initializer.RandomUniformFn(scope, -bound, bound))
}
