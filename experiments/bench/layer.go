package bench

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Layer is a convolution with a norm behind it, as the last of a bottleneck
// block of ResNet-50, which is the cheapest there is at its width: 1×1, from
// Channels/4 to Channels, at 56·256/Channels positions a side, between 7 and 56,
// so that 256 to 2048 channels are ResNet-50's layer1 to layer4 at 224 pixels.
type Layer struct {
	Channels, Domains, PerDomain int
}

// shrink is the ratio of a bottleneck block's outer and inner channels.
const shrink = 4

// Side is the height and width of what the convolution sees.
func (l Layer) Side() int { return min(max(56*256/l.Channels, 7), 56) }

// Images is the number of images in a batch.
func (l Layer) Images() int { return l.Domains * l.PerDomain }

// Validate reports a layer that cannot be built.
func (l Layer) Validate() error {
	switch {
	case l.Channels < shrink || l.Channels%shrink != 0:
		return fmt.Errorf("%d channels: want a multiple of %d", l.Channels, shrink)
	case l.Domains < 2:
		return fmt.Errorf("%d domains: want at least 2", l.Domains)
	case l.PerDomain < 1:
		return fmt.Errorf("%d images a domain: want at least 1", l.PerDomain)
	}
	size := rnlayer.PaperGroupSize(l.Channels)
	if l.Channels%size != 0 {
		return fmt.Errorf("%d channels are no groups of %d", l.Channels, size)
	}
	return nil
}

// pass is a compiled forward and backward pass of a part of a layer with the
// tensors that it takes: the input, and the gradient of the output.
type pass struct {
	exec        *model.Exec
	x, gradient *tensors.Tensor
	temporary   int64
}

// convolution is the convolution alone, or with a norm behind it.
func (l Layer) convolution(backend compute.Backend, norm *rnlayer.Spec) (*pass, error) {
	side := l.Side()
	in, out := []int{l.Images(), side, side, l.Channels / shrink}, []int{l.Images(), side, side, l.Channels}
	return newPass(backend, in, out, func(scope *model.Scope, x *Node) *Node {
		y := backbone.Convolution(scope, x, l.Channels, 1, 1)
		if norm == nil {
			return y
		}
		return l.norm(*norm)(scope, y)
	})
}

// correlation is little but RN's correlation: RN over two rows a domain, the
// fewest that have a variance. What else the layer does for them is in it too,
// so that the correlation is not above it.
func (l Layer) correlation(backend compute.Backend, rn rnlayer.Spec) (*pass, error) {
	dims := []int{2 * l.Domains, l.Channels}
	return newPass(backend, dims, dims, l.norm(rn))
}

// norm is a norm for the layer's domains.
func (l Layer) norm(spec rnlayer.Spec) rnlayer.Norm {
	return spec.Norm(rnlayer.EqualSizes(l.Domains), rnlayer.DefaultOptions())
}

// newPass compiles what f computes in training, with its gradients for the input
// and all variables, given the gradient of the result: all of it is put out.
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

// noise is a tensor of normal deviates.
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

// run does the pass and returns how long it took.
func (p *pass) run() (time.Duration, error) {
	began := time.Now()
	out, err := p.exec.Call(p.x, p.gradient)
	if err != nil {
		return 0, err
	}
	took := time.Since(began) // XLA was waited for
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
