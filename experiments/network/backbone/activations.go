package backbone

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Activations are the numbers that the layers of a network hand on to one
// another. With bfloat16 they, and the gradients by them, take half the memory,
// and convolutions and matrix products the fast units of GPUs; they have 8 bits
// of precision and float32's range, so that losses need no scaling.
//
// What is kept in float32, and why:
//
//   - Weights, running statistics and all that the optimizer has. An update is
//     often less than 2⁻⁹ of a weight, and would be rounded away. Layers round
//     their weights where they use them; checkpoints and exports never see it.
//   - Statistics and arithmetic of norms, from the sums on: a variance is a small
//     difference, and a sum of thousands in 8 bits stops growing. Package rnlayer
//     does this for any input.
//   - Sums over the batch and positions that are not a matrix product: the mean
//     before a ResNet's features, biases and so the gradients of them.
//   - The classifier, softmax, losses and the discriminator. They are small, and a
//     logit of 16 bits is off by up to 2⁻⁹ of itself.
//   - An image until it is normalized, and features of a frozen backbone, which are
//     computed once, for either kind of activations.
//
// Convolutions and matrix products take bfloat16 and give it, weights' gradients
// included: XLA sums them up in float32 and rounds the result.
type Activations string

// The activations there are. The zero value is Float32.
const (
	Float32  Activations = "float32"
	BFloat16 Activations = "bfloat16"
)

// AllActivations lists them: the one list that there is.
func AllActivations() []Activations { return []Activations{Float32, BFloat16} }

// LookupActivations finds them by name; the error lists the names there are.
func LookupActivations(name string) (Activations, error) {
	var names []string
	for _, a := range AllActivations() {
		if string(a) == name {
			return a, nil
		}
		names = append(names, string(a))
	}
	return "", fmt.Errorf("unknown activations %q: want one of %s", name, strings.Join(names, ", "))
}

// IsZero reports whether they are the default, which JSON leaves out.
func (a Activations) IsZero() bool { return a == "" || a == Float32 }

// Validate reports activations that there are not.
func (a Activations) Validate() error {
	if a == "" {
		return nil
	}
	_, err := LookupActivations(string(a))
	return err
}

// String is the name, of the zero value too.
func (a Activations) String() string {
	if a == "" {
		return string(Float32)
	}
	return string(a)
}

// Of is x in the dtype of the activations: what a layer is given. The default
// leaves x as it is, float64 too.
func (a Activations) Of(x *Node) *Node {
	if a.IsZero() {
		return x
	}
	return ConvertDType(x, dtypes.BFloat16)
}

// parameterDType is that of weights: float32 whatever the activations are, or
// float64 for float64.
func parameterDType(activations dtypes.DType) dtypes.DType {
	if activations == dtypes.Float64 {
		return activations
	}
	return dtypes.Float32
}

// wide converts x to the dtype of weights.
func wide(x *Node) *Node { return ConvertDType(x, parameterDType(x.DType())) }

// parameter is a variable of a layer that x is given to, in the dtype of weights.
func parameter(scope *model.Scope, name string, x *Node, dims ...int) *Node {
	return scope.VariableWithShape(name, shapes.Make(parameterDType(x.DType()), dims...)).NodeValue(x.Graph())
}

// product is x·w for x [rows, in] and w [in, out]. GoMLX, told to accumulate in
// float32, as it is for 16 bits if nobody says otherwise, turns the operands of the
// gradients' products into float32. Told nothing it leaves them as they are, and
// XLA accumulates in float32 all the same.
func product(x, w *Node) *Node {
	return Dot(x, w).WithAccumulatorDType(dtypes.InvalidDType).Product()
}

// addBias adds biases [channels], in the dtype of weights, along the last axis of
// x. The gradient of them, a sum over all other axes, is accumulated in that.
func addBias(x, biases *Node) *Node {
	return ConvertDType(Add(ConvertDType(x, biases.DType()), ExpandLeftToRank(biases, x.Rank())), x.DType())
}
