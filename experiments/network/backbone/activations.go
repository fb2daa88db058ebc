package backbone

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Activations is the dtype of the activations between layers. With bfloat16 they and
// their gradients take half the memory, and convolutions and matrix products use the
// fast units of GPUs. bfloat16 has 8 bits of precision and float32's range, so that
// losses need no scaling.
//
// These stay in float32:
//
//   - Weights, running statistics and the optimizer's state. An update is often less
//     than 2⁻⁹ of a weight and would be rounded away. Layers round their weights where
//     they use them; checkpoints and exports hold float32.
//   - Statistics and arithmetic of norms, from the sums on: a variance is a small
//     difference, and a sum of thousands of values stops growing in 8 bits. Package
//     rnlayer does this for any input.
//   - Sums over batch and positions that are not matrix products: the mean before a
//     ResNet's features, biases and hence their gradients.
//   - Classifier, softmax, losses and discriminator. They are small, and a logit of 16
//     bits is off by up to 2⁻⁹ of itself.
//   - An image until it is normalized, and the features of a frozen backbone, which are
//     computed once, for both dtypes.
//
// Convolutions and matrix products have bfloat16 operands and results, also for the
// gradients of weights: XLA sums in float32 and rounds the result.
type Activations string

// The dtypes of activations. The zero value is Float32.
const (
	Float32  Activations = "float32"
	BFloat16 Activations = "bfloat16"
)

// AllActivations lists the dtypes of activations, the default first.
func AllActivations() []Activations { return []Activations{Float32, BFloat16} }

// IsZero reports whether a is the default, which JSON omits.
func (a Activations) IsZero() bool { return a == "" || a == Float32 }

// Validate returns an error for unknown activations, with the list of known ones.
func (a Activations) Validate() error {
	if a == "" {
		return nil
	}
	_, err := registry.Find("activations", string(a), AllActivations(), Activations.String)
	return err
}

// String returns the name, also for the zero value.
func (a Activations) String() string {
	if a == "" {
		return string(Float32)
	}
	return string(a)
}

// Of converts x, the input of the first layer, to the dtype of the activations. The
// default leaves x as it is, so that float64 stays float64.
func (a Activations) Of(x *Node) *Node {
	if a.IsZero() {
		return x
	}
	return ConvertDType(x, dtypes.BFloat16)
}

// parameterDType is the dtype of weights: float32 for all activations but float64.
func parameterDType(activations dtypes.DType) dtypes.DType {
	if activations == dtypes.Float64 {
		return activations
	}
	return dtypes.Float32
}

// wide converts x to the dtype of weights.
func wide(x *Node) *Node { return ConvertDType(x, parameterDType(x.DType())) }

// parameter returns a variable of a layer with input x, in the dtype of weights.
func parameter(scope *model.Scope, name string, x *Node, dims ...int) *Node {
	return scope.VariableWithShape(name, shapes.Make(parameterDType(x.DType()), dims...)).NodeValue(x.Graph())
}

// product returns x·w for x [rows, in] and w [in, out].
//
// The accumulator dtype is left open. With float32, GoMLX's default for 16-bit
// operands, GoMLX would convert the operands of the gradients' products to float32; XLA
// accumulates in float32 either way.
func product(x, w *Node) *Node {
	return Dot(x, w).WithAccumulatorDType(dtypes.InvalidDType).Product()
}

// addBias adds biases [channels], in the dtype of weights, along the last axis of x.
// Their gradient, a sum over all other axes, accumulates in the dtype of weights.
func addBias(x, biases *Node) *Node {
	return ConvertDType(Add(ConvertDType(x, biases.DType()), ExpandLeftToRank(biases, x.Rank())), x.DType())
}
