package backbone

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Variant holds the differences between published ImageNet ResNets of the same depth.
// Weights fit only the variant that they were trained with.
type Variant struct {
	// Name is the variant's name in lists of weights and result files.
	Name string
	// StrideOn1x1 puts the stride of a stage's first bottleneck block on its first 1×1
	// convolution, as in the paper (arXiv 1512.03385), instead of its 3×3 convolution.
	StrideOn1x1 bool
	// ConvolutionBias gives convolutions a bias, although a norm follows.
	ConvolutionBias bool
	// Epsilon is the constant that its batch norms add to the variance. The injected
	// norm should use it too.
	Epsilon float64
	// BGR puts the blue channel first.
	BGR bool
	// Range is the value of white: 1 or 255.
	Range float64
	// Mean is subtracted from each channel, and the result divided by Std, in the order
	// and range of the network's input.
	Mean, Std [3]float64
}

// The variants with published weights.
var (
	// TorchVision is torchvision's ResNet ("v1.5"), with the means and deviations of
	// ImageNet that all torchvision models use.
	TorchVision = Variant{
		Name: "torchvision", Epsilon: 1e-5, Range: 1,
		Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225},
	}
	// Keras is keras-applications' ResNet, which follows the authors' Caffe model:
	// BGR from 0 to 255 minus ImageNet's mean colour. The epsilon is Keras's.
	Keras = Variant{
		Name: "keras", StrideOn1x1: true, ConvolutionBias: true, Epsilon: 1e-3, BGR: true, Range: 255,
		Mean: [3]float64{103.939, 116.779, 123.68}, Std: [3]float64{1, 1, 1},
	}
)

// variants lists all variants.
func variants() []Variant { return []Variant{TorchVision, Keras} }

// LookupVariant returns the variant of the given name. The error for an unknown name
// lists the known ones.
func LookupVariant(name string) (Variant, error) {
	return registry.Find("ResNet variant", name, variants(), func(v Variant) string { return v.Name })
}

// normalize returns the network's input for images [batch, height, width, 3] in RGB from
// 0 to 1, in the same shape.
func (v Variant) normalize(x *Node) *Node {
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
