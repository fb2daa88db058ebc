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
// convolution is a matrix product over the positions, and where it strides, the
// gradient of its weights is: XLA computes these faster on CPUs, without copies in
// other orders. The rest is XLA's.
func (c convolution) convolve(x, weights *Node) *Node {
	if c.kernel == 1 && c.stride == 1 {
		dims := x.Shape().Dimensions
		y := product(Reshape(x, -1, c.in), Reshape(weights, c.in, c.out))
		return Reshape(y, dims[0], dims[1], dims[2], c.out)
	}
	pad := (c.kernel - 1) / 2
	convolve := func(weights *Node) *Node {
		return Convolve(x, weights).Strides(c.stride).PaddingPerDim([][2]int{{pad, pad}, {pad, pad}}).Done()
	}
	if dims := x.Shape().Dimensions; c.kernel > 1 || dims[1]%c.stride != 0 || dims[2]%c.stride != 0 {
		return convolve(weights)
	}
	return withParameterGradient(weights, convolve, func(adjoint *Node) *Node {
		rows, adjoints := Reshape(everyOther(x, c.stride), -1, c.in), Reshape(adjoint, -1, c.out)
		return Reshape(product(Transpose(rows, 0, 1), adjoints), weights.Shape().Dimensions...)
	})
}

// everyOther takes each stride-th row and column of x [batch, height, width,
// channels], the first ones among them; stride divides the height and the width.
// It is an index and no strided slice: XLA's CUDA compiler does not take products
// with those.
func everyOther(x *Node, stride int) *Node {
	dims := x.Shape().Dimensions
	height, width := dims[1]/stride, dims[2]/stride
	x = Reshape(x, dims[0], height, stride, width, stride, dims[3])
	return Reshape(Slice(x, AxisRange(), AxisRange(), AxisElem(0), AxisRange(), AxisElem(0)), dims[0], height, width, dims[3])
}
