package backbone_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

func TestActivations(t *testing.T) {
	for _, want := range backbone.AllActivations() {
		if err := want.Validate(); err != nil || want.String() != string(want) {
			t.Errorf("%q is called %q, %v", string(want), want, err)
		}
	}
	for _, name := range []string{"half", "BFloat16", " "} {
		err := backbone.Activations(name).Validate()
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "float32, bfloat16") {
			t.Errorf("%q: error %v", name, err)
		}
	}
	for text, want := range map[backbone.Activations]string{"": `{}`, backbone.Float32: `{}`, backbone.BFloat16: `{"A":"bfloat16"}`} {
		data, err := json.Marshal(struct {
			A backbone.Activations `json:",omitzero"`
		}{text})
		if err != nil || string(data) != want || text.Validate() != nil {
			t.Errorf("%q is %s, %v, %v, want %s", text, data, err, text.Validate(), want)
		}
	}
	if got := backbone.Activations("").String(); got != "float32" {
		t.Errorf("the default is called %q", got)
	}
}

// noting returns a norm that counts its inputs by dtype.
func noting(given map[dtypes.DType]int, norm rnlayer.Norm) rnlayer.Norm {
	return func(scope *model.Scope, x *Node) *Node {
		given[x.DType()]++
		return norm(scope, x)
	}
}

// TestBFloat16 compares a training pass with bfloat16 activations with one in float32.
// The norms receive 16 bits; variables, their gradients and the network's outputs have
// 32. Rounding must change the results, by up to 2⁻⁹, 0.002, of a value in each layer. It
// switches some ReLUs and maxima: one of 100 is a tenth of the gradient's length.
func TestBFloat16(t *testing.T) {
	images := func(n, size, channels int) *tensors.Tensor { // waves, because images of noise would look alike to a norm
		values := make([]float32, n*size*size*channels)
		for i := range values {
			k, image := i%channels, i/(size*size*channels)
			x, y := float64(i/channels%size)/float64(size), float64(i/(channels*size)%size)/float64(size)
			values[i] = float32(0.5 + 0.5*math.Sin(float64(1+image)*x+float64(1+image*7%5)*y*3+float64(image*k)))
		}
		return tensors.FromFlatDataAndDimensions(values, n, size, size, channels)
	}
	resnet := backbone.ResNet{Depth: 18, Variant: backbone.Keras, Freeze: 4} // its convolutions have biases
	head := backbone.Head{Bottleneck: 256, Norm: true}
	rn := func(scope *model.Scope, x *Node) *Node { return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done() }
	for name, c := range map[string]struct {
		build func(scope *model.Scope, x *Node, a backbone.Activations, norm rnlayer.Norm) *Node
		x     *tensors.Tensor
		norm  rnlayer.Norm
		norms int
		// Largest errors, relative to the largest value and to the gradient's length.
		output, gradient float64
	}{
		"digits": {func(scope *model.Scope, x *Node, a backbone.Activations, norm rnlayer.Norm) *Node {
			_, logits := backbone.Digits(scope, a.Of(x), 10, norm)
			return logits
		}, images(16, 28, 1), rn, 3, 0.03, 0.2},
		"head": {func(scope *model.Scope, x *Node, a backbone.Activations, norm rnlayer.Norm) *Node {
			features, logits := head.Build(scope, a.Of(Reshape(x, 16, -1)), 31, norm)
			if features.DType() != a.Of(x).DType() {
				t.Errorf("features are %s", features.DType())
			}
			return logits
		}, images(16, 8, 3), rn, 1, 0.02, 0.1},
		"resnet18": {func(scope *model.Scope, x *Node, a backbone.Activations, norm rnlayer.Norm) *Node {
			r := resnet
			r.Activations = a
			return r.Build(scope, x, norm)
		}, images(8, 64, 3), batchNorm(t), 5, 0.05, 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			xla, store := newXLA(t), model.NewStore()
			if err := store.SetRNGStateFromSeed(1); err != nil {
				t.Fatal(err)
			}
			if name == "resnet18" {
				fill(t, store, resnet)
			}
			pass := func(a backbone.Activations) (out []float32, gradient map[string][]float32, given map[dtypes.DType]int) {
				given = make(map[dtypes.DType]int)
				var paths []string
				values := model.MustCallOnceN(xla, store, func(scope *model.Scope, x *Node) []*Node {
					scope.Store().SetTraining(x.Graph(), true)
					y := c.build(scope, x, a, noting(given, c.norm))
					var of []*Node
					for v := range scope.IterVariables() {
						if v.Trainable && v.InUseByGraph(x.Graph()) {
							paths, of = append(paths, v.Path()), append(of, v.NodeValue(x.Graph()))
						}
					}
					return append([]*Node{y}, Gradient(ReduceAllMean(Square(y)), of...)...)
				}, c.x)
				gradient = make(map[string][]float32)
				for i, path := range paths { // a copy of another dtype fails
					gradient[path] = tensors.MustCopyFlatData[float32](values[1+i])
				}
				return tensors.MustCopyFlatData[float32](values[0]), gradient, given
			}
			want, wantGradient, wide := pass(backbone.Float32)
			got, gotGradient, narrow := pass(backbone.BFloat16)
			if len(wide) != 1 || wide[dtypes.Float32] != c.norms || len(narrow) != 1 || narrow[dtypes.BFloat16] != c.norms {
				t.Errorf("norms receive %v and %v, want %d each", wide, narrow, c.norms)
			}
			for v := range store.IterVariables() {
				if v.DType() == dtypes.BFloat16 {
					t.Errorf("%s is %s", v.Path(), v.DType())
				}
			}
			difference, largest := 0.0, 0.0
			for i := range want {
				difference = math.Max(difference, math.Abs(float64(got[i]-want[i])))
				largest = math.Max(largest, math.Abs(float64(want[i])))
			}
			if r := difference / largest; !(r < c.output) || r < 1e-4 {
				t.Errorf("the output differs by %.2e of the largest, want something below %g", r, c.output)
			}
			all, length := 0.0, 0.0
			for path, g := range wantGradient {
				for i, v := range g {
					d := float64(gotGradient[path][i] - v)
					all, length = all+d*d, length+float64(v)*float64(v)
				}
			}
			if r := math.Sqrt(all / length); !(r < c.gradient) || r < 1e-4 {
				t.Errorf("the gradient differs by %.2e of its length, want something below %g", r, c.gradient)
			}
		})
	}
}
