package backbone

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// Sizes of the digits network.
const (
	digitsFeatures = 128 // width of the features
	digitsKernel   = 5   // of both convolutions
	minDigitsSize  = 16  // the smallest image that leaves a position after both stages
)

// digitsChannels are the widths of its convolutions.
var digitsChannels = []int{16, 32}

// Digits adds a small convolutional network to the graph, for images x [batch, height,
// width, channels] of at least 16×16 pixels, such as digits of 28×28:
//
//	conv 5×5, 16 → norm → ReLU → max-pool 2
//	conv 5×5, 32 → norm → ReLU → max-pool 2
//	dense 128    → norm → ReLU               features [batch, 128]
//	dense classes                            logits [batch, classes]
//
// Convolutions have no padding, and no bias because the norm's offset follows. Weights
// start uniform in ±1/√(fan-in), PyTorch's default. Activations and features have the
// dtype of x, logits the dtype of weights, see [Activations]. Digits panics for images
// of another rank or fewer pixels.
func Digits(scope *model.Scope, x *Node, classes int, norm rnlayer.Norm) (features, logits *Node) {
	if x.Rank() != 4 || x.Shape().Dim(1) < minDigitsSize || x.Shape().Dim(2) < minDigitsSize {
		Panicf("backbone: images for the digits network have shape %s, expected [batch, height, width, channels] of %d×%d or more",
			x.Shape(), minDigitsSize, minDigitsSize)
	}
	for i, channels := range digitsChannels {
		block := scope.In("conv%d", i+1)
		fanIn := digitsKernel * digitsKernel * x.Shape().Dim(-1)
		weights := parameter(uniform(block, fanIn).In("conv"), varWeights, x, digitsKernel, digitsKernel, x.Shape().Dim(-1), channels)
		x = Convolve(x, ConvertDType(weights, x.DType())).Strides(1).NoPadding().Done()
		x = relu(norm(block, x))
		x = MaxPool(x).Window(2).Done()
	}
	head := scope.In("head")
	x = Reshape(x, x.Shape().Dim(0), -1)
	hidden := head.In("hidden")
	weights := parameter(uniform(hidden, x.Shape().Dim(-1)).In("dense"), varWeights, x, x.Shape().Dim(-1), digitsFeatures)
	features = relu(norm(hidden, product(x, ConvertDType(weights, x.DType()))))
	output := uniform(head.In("output"), digitsFeatures).In("dense")
	weights = parameter(output, varWeights, features, digitsFeatures, classes)
	return features, addBias(product(wide(features), weights), parameter(output, varBiases, features, classes))
}

// uniform returns the scope with weights that start uniform in ±1/√fanIn.
func uniform(scope *model.Scope, fanIn int) *model.Scope {
	bound := 1 / math.Sqrt(float64(fanIn))
	return scope.WithInitializer(initializer.RandomUniformFn(scope, -bound, bound))
}
