package backbone

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// Names of the variables of a convolution and of a linear layer.
const (
	VarWeights = "weights" // convolution [kernel, kernel, in, out]; linear [in, out]
	VarBiases  = "biases"  // [out]
)

// convolution is one with square kernel and symmetric padding, which keeps the
// size at stride 1.
type convolution struct {
	unit
	bias, trainable bool
}

// build adds the convolution of x [batch, height, width, in] to the graph.
func (c convolution) build(scope *model.Scope, x *Node) *Node {
	g, dtype := x.Graph(), parameterDType(x.DType())
	deviation := math.Sqrt(2 / float64(c.kernel*c.kernel*c.out)) // torchvision: kaiming_normal_, fan_out
	weights := scope.WithInitializer(initializer.RandomNormalFn(scope, deviation)).
		VariableWithShape(VarWeights, shapes.Make(dtype, c.kernel, c.kernel, c.in, c.out))
	if !c.trainable {
		weights.SetTrainable(false)
	}
	x = c.convolve(x, ConvertDType(weights.NodeValue(g), x.DType()))
	if !c.bias {
		return x
	}
	biases := scope.WithInitializer(initializer.Zero).VariableWithShape(VarBiases, shapes.Make(dtype, c.out))
	if !c.trainable {
		biases.SetTrainable(false)
	}
	return addBias(x, biases.NodeValue(g))
}

// convolve is the one place that chooses how a convolution is computed. A 1×1
// convolution that does not stride is a matrix product over the positions, which
// XLA computes faster on CPUs; one that strides is not written as a product over
// a strided slice, which XLA's CUDA compiler does not take.
func (c convolution) convolve(x, weights *Node) *Node {
	if c.kernel == 1 && c.stride == 1 {
		dims := x.Shape().Dimensions
		y := product(Reshape(x, -1, c.in), Reshape(weights, c.in, c.out))
		return Reshape(y, dims[0], dims[1], dims[2], c.out)
	}
	pad := (c.kernel - 1) / 2
	return Convolve(x, weights).Strides(c.stride).PaddingPerDim([][2]int{{pad, pad}, {pad, pad}}).Done()
}
