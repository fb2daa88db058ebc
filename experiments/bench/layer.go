package bench

import (
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/problems"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Layer is a 1×1 convolution from Channels/4 to Channels channels with a norm behind
// it, like the last convolution of a bottleneck block, which is ResNet-50's cheapest
// for its number of channels. It has 56·256/Channels positions per side, limited to
// the range from 7 to 56, so 256 to 2048 channels correspond to ResNet-50's layer1 to
// layer4 at 224 pixels.
type Layer struct {
	Channels, Domains, PerDomain int
}

// shrink is the ratio of outer to inner channels of a bottleneck block.
const shrink = 4

// side returns the height and width of the convolution's input.
func (l Layer) side() int { return min(max(56*256/l.Channels, 7), 56) }

// images returns the number of images in a batch.
func (l Layer) images() int { return l.Domains * l.PerDomain }

// Validate returns an error if the layer cannot be built.
func (l Layer) Validate() error {
	var found problems.Problems
	size := rnlayer.PaperGroupSize(l.Channels)
	found.Require(l.Channels >= shrink && l.Channels%shrink == 0, "%d channels: want a multiple of %d", l.Channels, shrink)
	found.Require(l.Channels%size == 0, "%d channels do not divide into groups of %d", l.Channels, size)
	found.Require(l.Domains >= 2, "%d domains: want at least 2", l.Domains)
	found.Require(l.PerDomain >= 1, "%d images per domain: want at least 1", l.PerDomain)
	return found.Err()
}

// pass is the compiled forward and backward pass of a part of a layer, with its
// arguments: the input, and the gradient of the output.
type pass struct {
	exec        *model.Exec
	x, gradient *tensors.Tensor
	temporary   int64
}

// convolution compiles the convolution alone, or with a norm behind it.
func (l Layer) convolution(backend compute.Backend, norm *rnlayer.Spec) (*pass, error) {
	side := l.side()
	in, out := []int{l.images(), side, side, l.Channels / shrink}, []int{l.images(), side, side, l.Channels}
	return newPass(backend, in, out, func(scope *model.Scope, x *Node) *Node {
		y := backbone.Convolution(scope, x, l.Channels, 1, 1)
		if norm == nil {
			return y
		}
		return l.norm(*norm)(scope, y)
	})
}

// correlation compiles RN over two rows per domain, the fewest that have a
// variance. Its time is an upper bound for the correlation, as it includes the
// rest of the layer for these rows.
func (l Layer) correlation(backend compute.Backend, rn rnlayer.Spec) (*pass, error) {
	dims := []int{2 * l.Domains, l.Channels}
	return newPass(backend, dims, dims, l.norm(rn))
}

// norm builds a norm for the layer's domains.
func (l Layer) norm(spec rnlayer.Spec) rnlayer.Norm {
	return spec.Norm(rnlayer.EqualSizes(l.Domains), rnlayer.DefaultOptions())
}

// newPass compiles f in training. The outputs are its result and, for the given
// gradient of the result, the gradients of the input and of all variables.
func newPass(backend compute.Backend, in, out []int, f func(scope *model.Scope, x *Node) *Node) (*pass, error) {
	store := model.NewStore()
	p := &pass{x: noise(1, in), gradient: noise(2, out)}
	var err error
	p.exec, err = model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
		x, gradient := inputs[0], inputs[1]
		store.SetTraining(x.Graph(), true)
		y := f(scope, x)
		of := []*Node{x}
		for v := range scope.IterVariables() {
			if v.Trainable && v.InUseByGraph(x.Graph()) {
				of = append(of, v.NodeValue(x.Graph()))
			}
		}
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, gradient)), of...)...)
	})
	if err != nil {
		return nil, err
	}
	g, err := p.exec.Compile(p.x.Shape(), p.gradient.Shape())
	if err != nil {
		return nil, err
	}
	p.temporary = temporaryBytes(g.Executable())
	return p, nil
}

// noise returns a tensor of normal deviates.
func noise(seed uint64, dims []int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// run runs the pass and returns how long it took.
func (p *pass) run() (time.Duration, error) {
	began := time.Now()
	out, err := p.exec.Call(p.x, p.gradient)
	if err != nil {
		return 0, err
	}
	took := time.Since(began) // Call waits for XLA
	for _, t := range out {
		if err := t.FinalizeAll(); err != nil {
			return 0, err
		}
	}
	return took, nil
}

// finalize frees the pass.
func (p *pass) finalize() {
	p.exec.Finalize()
	for _, t := range []*tensors.Tensor{p.x, p.gradient} {
		t.MustFinalizeAll()
	}
}
