package backbone

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
)

// Names of the variables of a convolution and of a linear layer.
const (
	varWeights = "weights" // convolution [kernel, kernel, in, out]; linear [in, out]
	varBiases  = "biases"  // [out]
)

// Convolution adds one convolution to the graph, computed and initialized as in a
// ResNet: square kernel, symmetric padding, no bias. It maps x [batch, height, width,
// in] to [batch, ⌈height/stride⌉, ⌈width/stride⌉, channels], for odd kernels.
func Convolution(scope *model.Scope, x *Node, channels, kernel, stride int) *Node {
	u := unit{in: x.Shape().Dim(3), out: channels, kernel: kernel, stride: stride}
	return convolution{unit: u, trainable: true}.build(scope, x)
}

// convolution has a square kernel and symmetric padding, which keeps the size at
// stride 1.
type convolution struct {
	unit
	bias, trainable bool
}

// build adds the convolution of x [batch, height, width, in] to the graph.
func (c convolution) build(scope *model.Scope, x *Node) *Node {
	g, dtype := x.Graph(), parameterDType(x.DType())
	deviation := math.Sqrt(2 / float64(c.kernel*c.kernel*c.out)) // torchvision: kaiming_normal_, fan_out
	weights := scope.WithInitializer(initializer.RandomNormalFn(scope, deviation)).
		VariableWithShape(varWeights, shapes.Make(dtype, c.kernel, c.kernel, c.in, c.out))
	if !c.trainable {
		weights.SetTrainable(false)
	}
	x = c.convolve(x, ConvertDType(weights.NodeValue(g), x.DType()))
	if !c.bias {
		return x
	}
	biases := scope.WithInitializer(initializer.Zero).VariableWithShape(varBiases, shapes.Make(dtype, c.out))
	if !c.trainable {
		biases.SetTrainable(false)
	}
	return addBias(x, biases.NodeValue(g))
}

// convolve convolves x with weights, in one of three ways:
//
//   - A 1×1 convolution with stride 1 is a matrix product over the positions.
//   - A 1×1 convolution whose stride divides the image is XLA's convolution, with a
//     matrix product for the gradient of its weights.
//   - All others are XLA's.
//
// XLA computes the matrix products faster on CPUs, without copies in other layouts.
func (c convolution) convolve(x, weights *Node) *Node {
	dims := x.Shape().Dimensions
	if c.kernel == 1 && c.stride == 1 {
		y := product(Reshape(x, -1, c.in), Reshape(weights, c.in, c.out))
		return Reshape(y, dims[0], dims[1], dims[2], c.out)
	}
	pad := (c.kernel - 1) / 2
	y := Convolve(x, weights).Strides(c.stride).PaddingPerDim([][2]int{{pad, pad}, {pad, pad}}).Done()
	if c.kernel > 1 || dims[1]%c.stride != 0 || dims[2]%c.stride != 0 {
		return y
	}
	return customgrad.Value(y, []*Node{x, weights}, func(adjoint *Node) []*Node {
		atX := Gradient(ReduceAllSum(Mul(y, StopGradient(adjoint))), x)[0] // GoMLX's
		rows, adjoints := Reshape(everyOther(x, c.stride), -1, c.in), Reshape(adjoint, -1, c.out)
		atWeights := Reshape(product(Transpose(rows, 0, 1), adjoints), weights.Shape().Dimensions...)
		return []*Node{atX, atWeights}
	})
}

// everyOther takes every stride-th row and column of x [batch, height, width,
// channels], starting with the first; stride divides height and width. It indexes an
// axis of a reshape instead of slicing with a stride, because XLA's CUDA compiler
// rejects matrix products of strided slices.
func everyOther(x *Node, stride int) *Node {
	dims := x.Shape().Dimensions
	height, width := dims[1]/stride, dims[2]/stride
	x = Reshape(x, dims[0], height, stride, width, stride, dims[3])
	return Reshape(Slice(x, AxisRange(), AxisRange(), AxisElem(0), AxisRange(), AxisElem(0)), dims[0], height, width, dims[3])
}
