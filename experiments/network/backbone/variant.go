package backbone

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Variant is what published ImageNet ResNets of one depth differ in. Weights fit
// the variant that they were trained with.
type Variant struct {
	// Name is what weights and result files call it.
	Name string
	// StrideOn1x1 says that the first bottleneck block of a stage strides on its
	// first 1×1 convolution, as in the paper (arXiv 1512.03385), instead of on its
	// 3×3 convolution.
	StrideOn1x1 bool
	// ConvolutionBias says that convolutions have a bias, though a norm follows.
	ConvolutionBias bool
	// Epsilon is what its batch norms add to the variance: the injected norm should
	// use it too.
	Epsilon float64
	// BGR says that the network takes blue first.
	BGR bool
	// Range is the value of white: 1, or 255.
	Range float64
	// Mean and Std are, by channel in the order and range of the network's input,
	// what is subtracted and divided by.
	Mean, Std [3]float64
}

// The variants there are weights of.
var (
	// TorchVision is torchvision's ResNet ("v1.5"), with the means and deviations of
	// ImageNet that all of its models take.
	TorchVision = Variant{
		Name: "torchvision", Epsilon: 1e-5, Range: 1,
		Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225},
	}
	// Keras is keras-applications' ResNet, which follows the authors' Caffe model:
	// BGR from 0 to 255 minus ImageNet's mean colour. Its epsilon is Keras's default.
	Keras = Variant{
		Name: "keras", StrideOn1x1: true, ConvolutionBias: true, Epsilon: 1e-3, BGR: true, Range: 255,
		Mean: [3]float64{103.939, 116.779, 123.68}, Std: [3]float64{1, 1, 1},
	}
)

// Variants lists all variants.
func Variants() []Variant { return []Variant{TorchVision, Keras} }

// LookupVariant finds a variant by name; the error lists the names there are.
func LookupVariant(name string) (Variant, error) {
	var names []string
	for _, v := range Variants() {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return Variant{}, fmt.Errorf("unknown ResNet variant %q: want one of %s", name, strings.Join(names, ", "))
}

// Normalize turns images [batch, height, width, 3], RGB in [0, 1], into the
// network's input.
func (v Variant) Normalize(x *Node) *Node {
	if v.BGR {
		x = Concatenate([]*Node{
			Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisElem(2)),
			Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisElem(1)),
			Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisElem(0)),
		}, -1)
	}
	channels := func(values [3]float64) *Node { // [1, 1, 1, 3]
		c := Reshape(Const(x.Graph(), values[:]), 1, 1, 1, 3)
		return BroadcastToShape(ConvertDType(c, x.DType()), shapes.Make(x.DType(), x.Shape().Dimensions...))
	}
	if v.Range != 1 {
		x = MulScalar(x, v.Range)
	}
	x = Sub(x, channels(v.Mean))
	if v.Std != [3]float64{1, 1, 1} {
		x = Div(x, channels(v.Std))
	}
	return x
}
