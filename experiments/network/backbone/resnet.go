package backbone

import (
	"fmt"
	"slices"
	"strconv"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/experiments/problems"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Stages is the number of stages of a ResNet: stem and layer1 to layer4.
const Stages = 5

// minResNetSize, in pixels, is the stride of the whole network: smaller images leave less
// than one position in the last stage.
const minResNetSize = 32

// ResNet is a residual network for ImageNet (arXiv 1512.03385), up to its pooled
// features:
//
//	x          [batch, height, width, 3], RGB in [0, 1], 32×32 or more
//	stem       conv 7×7, 64, stride 2 → norm → ReLU → max-pool 3×3, stride 2
//	layer1     blocks of 64·e channels          e = 1 for basic blocks (18, 34),
//	layer2     blocks of 128·e, stride 2        4 for bottleneck blocks (50 and up)
//	layer3     blocks of 256·e, stride 2
//	layer4     blocks of 512·e, stride 2
//	mean over height and width                  [batch, 512·e]
//
// Padding is symmetric: 3, 1 and 0 for kernels of size 7, 3 and 1.
type ResNet struct {
	// Depth is the number of layers with weights, one of [Depths].
	Depth int
	// Variant is [TorchVision] or [Keras].
	Variant Variant
	// Freeze is the number of stages, from the input, that keep their weights and
	// running statistics: 0 for none, 1 for the stem, 2 for stem and layer1, …,
	// [Stages] for all. Their variables are not trainable, their norm is [FrozenNorm],
	// and no gradient flows through them.
	Freeze int
	// Activations is the dtype between layers. Default: the dtype of x, float32.
	Activations Activations
}

// plans has the number of blocks in layer1 to layer4, by depth (table 1 of the paper).
var plans = map[int][4]int{
	18:  {2, 2, 2, 2},
	34:  {3, 4, 6, 3},
	50:  {3, 4, 6, 3},
	101: {3, 4, 23, 3},
	152: {3, 8, 36, 3},
}

// Depths lists the known depths.
func Depths() []int { return []int{18, 34, 50, 101, 152} }

// LookupResNet returns the ResNet of the given name, such as "resnet50", in
// torchvision's variant and with nothing frozen. The error for an unknown name lists the
// known ones.
func LookupResNet(name string) (ResNet, error) {
	var all []ResNet
	for _, depth := range Depths() {
		all = append(all, ResNet{Depth: depth, Variant: TorchVision})
	}
	return registry.Find("backbone", name, all, ResNet.Name)
}

// Name returns "resnet" followed by the depth.
func (r ResNet) Name() string { return "resnet" + strconv.Itoa(r.Depth) }

// Validate returns an error for an unknown depth, a variant that does not start from a
// known one, a number of frozen stages out of range, or unknown activations.
func (r ResNet) Validate() error {
	var p problems.Problems
	v := r.Variant
	p.Require(slices.Contains(Depths(), r.Depth), "a ResNet of depth %d: want one of %v", r.Depth, Depths())
	p.Require(v.Epsilon > 0 && v.Range > 0 && v.Std[0] > 0 && v.Std[1] > 0 && v.Std[2] > 0,
		"%s: variant %q has an epsilon, range or deviation that is not positive: start from TorchVision or Keras", r.Name(), v.Name)
	p.Require(r.Freeze >= 0 && r.Freeze <= Stages, "%s: %d frozen stages: want 0 to %d", r.Name(), r.Freeze, Stages)
	if err := r.Activations.Validate(); err != nil {
		p.Add(fmt.Errorf("%s: %w", r.Name(), err))
	}
	return p.Err()
}

// bottleneck reports whether blocks have three convolutions, instead of two.
func (r ResNet) bottleneck() bool { return r.Depth >= 50 }

// Features returns the width of the pooled features: 512, or 2048 from depth 50 on.
func (r ResNet) Features() int { return r.width(4) }

// width returns the number of output channels of layer 1 to 4.
func (r ResNet) width(layer int) int {
	inner := 64 << (layer - 1)
	if r.bottleneck() {
		return 4 * inner
	}
	return inner
}

// unit describes a convolution with its norm.
type unit struct {
	scope          string // of its variables, in the block's scope
	conv, norm     string // torchvision's names of the two modules
	in, out        int    // channels
	kernel, stride int
}

// block describes a residual block: ReLU(main(x) + shortcut(x)), where main is a chain of
// units with ReLU between them, and the shortcut is the identity if it is nil.
type block struct {
	main     []unit
	shortcut *unit
}

// stem returns the first unit of the network.
func (r ResNet) stem() unit {
	return unit{scope: "conv1", conv: "conv1", norm: "bn1", in: 3, out: 64, kernel: 7, stride: 2}
}

// blocks returns the blocks of layer 1 to 4.
func (r ResNet) blocks(layer int) []block {
	inner, out := 64<<(layer-1), r.width(layer)
	in, stride := 64, 1
	if layer > 1 {
		in, stride = r.width(layer-1), 2
	}
	var all []block
	for i := range plans[r.Depth][layer-1] {
		module := fmt.Sprintf("layer%d.%d.", layer, i)
		var b block
		add := func(in, out, kernel, stride int) {
			n := len(b.main) + 1
			b.main = append(b.main, unit{
				scope: fmt.Sprintf("conv%d", n), conv: fmt.Sprintf("%sconv%d", module, n), norm: fmt.Sprintf("%sbn%d", module, n),
				in: in, out: out, kernel: kernel, stride: stride,
			})
		}
		switch {
		case !r.bottleneck():
			add(in, inner, 3, stride)
			add(inner, out, 3, 1)
		case r.Variant.StrideOn1x1:
			add(in, inner, 1, stride)
			add(inner, inner, 3, 1)
			add(inner, out, 1, 1)
		default:
			add(in, inner, 1, 1)
			add(inner, inner, 3, stride)
			add(inner, out, 1, 1)
		}
		if stride != 1 || in != out {
			b.shortcut = &unit{
				scope: "downsample", conv: module + "downsample.0", norm: module + "downsample.1",
				in: in, out: out, kernel: 1, stride: stride,
			}
		}
		all = append(all, b)
		in, stride = out, 1
	}
	return all
}

// Build adds the network to the graph: from images x [batch, height, width, 3] in RGB
// from 0 to 1, to features [batch, Features()] in the dtype of weights (float64 for
// images of float64, otherwise float32). norm follows every convolution that is not
// frozen; make it with the variant's epsilon.
//
// Weights start as in torchvision: normal with deviation √(2/(k²·out)) for a k×k kernel
// (He et al., fan-out), biases at 0. [VariablePath] has the names of the variables.
// Build panics if r is not valid or x has another shape.
func (r ResNet) Build(scope *model.Scope, x *Node, norm rnlayer.Norm) *Node {
	if err := r.Validate(); err != nil {
		Panicf("backbone: %v", err)
	}
	if x.Rank() != 4 || x.Shape().Dim(3) != 3 || x.Shape().Dim(1) < minResNetSize || x.Shape().Dim(2) < minResNetSize || !x.DType().IsFloat() {
		Panicf("backbone: images for %s have shape %s, expected floats [batch, height, width, 3] of %d×%d or more",
			r.Name(), x.Shape(), minResNetSize, minResNetSize)
	}
	b := builder{bias: r.Variant.ConvolutionBias}
	begin := func(index int) {
		b.frozen = index < r.Freeze
		b.norm = norm
		if b.frozen {
			b.norm = FrozenNorm(r.Variant.Epsilon)
		}
	}
	end := func(index int) {
		if index == r.Freeze-1 {
			x = StopGradient(x)
		}
	}
	begin(0)
	x = relu(b.unit(scope, r.stem(), r.Activations.Of(r.Variant.normalize(x))))
	x = maxPool(x)
	end(0)
	for layer := 1; layer < Stages; layer++ {
		begin(layer)
		layerScope := scope.In("layer%d", layer)
		for i, residual := range r.blocks(layer) {
			x = b.block(layerScope.In("%d", i), residual, x)
		}
		end(layer)
	}
	return ReduceMean(wide(x), 1, 2)
}

// builder adds the parts of a stage to the graph.
type builder struct {
	norm         rnlayer.Norm
	bias, frozen bool
}

// block adds a residual block.
func (b builder) block(scope *model.Scope, residual block, x *Node) *Node {
	y := x
	for i, u := range residual.main {
		if i > 0 {
			y = relu(y)
		}
		y = b.unit(scope, u, y)
	}
	if residual.shortcut != nil {
		x = b.unit(scope, *residual.shortcut, x)
	}
	return addReLU(y, x)
}

// unit adds a convolution and its norm.
func (b builder) unit(scope *model.Scope, u unit, x *Node) *Node {
	scope = scope.In("%s", u.scope)
	return b.norm(scope, convolution{u, b.bias, !b.frozen}.build(scope, x))
}
