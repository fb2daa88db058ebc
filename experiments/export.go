package experiments

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/nlpodyssey/safetensors"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Export is what [Saved.Export] wrote.
type Export struct {
	Path string `json:"path"`
	// Tensors is their number, Norms that of the norms that were folded.
	Tensors int `json:"tensors"`
	Norms   int `json:"norms"`
	// Images are those that both networks were run on, and MaxDifference the
	// largest difference of a logit over the largest logit.
	Images        int     `json:"images"`
	MaxDifference float64 `json:"max_difference"`
}

// foldTolerance is what a folded network's logits may differ by, relative to the
// largest: float32 through the hundred layers of a deep ResNet.
const foldTolerance = 1e-3

// Export folds the norms, as inference uses them, into the layers before them
// and writes the network as safetensors:
//
//	w′ = w·γ/√(v + ε)        b′ = β + (b − μ)·γ/√(v + ε)
//
// or with the scale and shift that the norm has instead, see rnlayer.Spec.Affine;
// DWT's, which is no such map, cannot be exported.
// Tensors have PyTorch's layout and torchvision's names, with a "conv1.bias" for
// "conv1.weight" and no bn1; the head's are "bottleneck" and "classifier". The
// metadata names the run, the classes and the preprocessing. The folded network
// is run on test images beside the unfolded one, both with float32 activations
// whatever the run's, and nothing is written if their logits are not the same up
// to rounding.
func (s *Saved) Export(ctx context.Context, path string, statistics rnlayer.Evaluation) (Export, error) {
	if statistics == rnlayer.EvalBatch {
		return Export{}, errors.New("the statistics of a batch cannot be folded: choose the target's or the source's")
	}
	c := s.Config
	c.NormOptions.Evaluation = statistics
	c.Activations = backbone.Float32
	store := s.store
	if c.Network.Features == FeaturesFrozen { // the whole network: backbone and head
		initial, err := c.pretrained(ctx, s.env)
		if err != nil {
			return Export{}, err
		}
		c.Network.Features, c.Network.Freeze = FeaturesFinetuned, backbone.Stages
		resnet, err := c.resnet(initial.variant)
		if err != nil {
			return Export{}, err
		}
		if err := initial.apply(s.backend, store, resnet, nil); err != nil {
			return Export{}, err
		}
		s.variant = initial.variant
	}
	d, err := s.load(ctx, c)
	if err != nil {
		return Export{}, err
	}
	t, err := newTrainer(s.backend, store, c, len(d.test.classes), s.variant)
	if err != nil {
		return Export{}, err
	}
	defer t.finalize()
	x, images, err := firstExamples(d.test)
	if err != nil {
		return Export{}, err
	}
	want, err := t.infer.Call1(x) // makes the variables, too
	if err != nil {
		return Export{}, err
	}
	folds, err := t.folds()
	if err != nil {
		return Export{}, err
	}
	folded, err := t.foldedStore(folds)
	if err != nil {
		return Export{}, err
	}
	got, err := t.foldedLogits(s, folded, x)
	if err != nil {
		return Export{}, err
	}
	e := Export{Path: path, Norms: len(folds), Images: images, MaxDifference: relativeDifference(got, want)}
	if !(e.MaxDifference <= foldTolerance) {
		return e, fmt.Errorf("the folded network's logits differ by %.1e of the largest: nothing is written", e.MaxDifference)
	}
	preprocessing, err := json.Marshal(c.Photos)
	if err != nil {
		return e, err
	}
	e.Tensors, err = writeSafetensors(path, folded, map[string]string{
		"format": "pt", "run": s.ID, "recipe": c.Recipe, "source": c.Source, "target": c.Target, "norm": c.Norm, "objective": c.Objective,
		"backbone": c.Network.Backbone, "variant": s.variant.Name, "statistics": statistics.String(),
		"classes": strings.Join(d.test.classes, "\n"), "photos": string(preprocessing),
	})
	return e, err
}

// firstExamples are as many test images as are predicted at once.
func firstExamples(s set) (x *tensors.Tensor, n int, err error) {
	shape := s.examples.Shape()
	if s.crops > 0 {
		return nil, 0, errors.New("a run with ten crops in tests: export it with one")
	}
	n = min(evalBatch(shape), s.examples.Len())
	size := sizeOf(shape)
	values := make([]float32, n*size)
	for i := range n {
		if err := s.examples.Read(i, nil, values[i*size:(i+1)*size]); err != nil {
			return nil, 0, err
		}
	}
	return tensors.FromFlatDataAndDimensions(values, slices.Concat([]int{n}, shape)...), n, nil
}

// relativeDifference is the largest difference over the largest magnitude.
func relativeDifference(a, b *tensors.Tensor) float64 {
	difference, scale := 0.0, 0.0
	flatA, flatB := tensors.MustCopyFlatData[float32](a), tensors.MustCopyFlatData[float32](b)
	for i := range flatA {
		difference = math.Max(difference, math.Abs(float64(flatA[i]-flatB[i])))
		scale = math.Max(scale, math.Abs(float64(flatB[i])))
	}
	return difference / scale
}

// folds are the network's norms as one scale and one shift a channel, by the
// scope of the layer before each.
func (t *trainer) folds() (map[string]rnlayer.Affine, error) {
	layers, err := rnlayer.Layers(t.store)
	if err != nil {
		return nil, err
	}
	folds := make(map[string]rnlayer.Affine)
	prefix := model.JoinPath("/", networkScope)
	for _, l := range layers {
		if !strings.HasPrefix(l.Path, prefix+"/") {
			continue
		}
		o := t.config.inHead()
		if strings.HasPrefix(l.Path, model.JoinPath(prefix, backboneScope)+"/") {
			o = t.config.inBackbone(t.variant)
		}
		scope := strings.TrimSuffix(l.Path, "/"+rnlayer.ScopeName)
		spec, err := rnlayer.Lookup(t.config.normAt(scope))
		if err != nil {
			return nil, err
		}
		if folds[scope], err = spec.Affine(l, o); err != nil {
			return nil, fmt.Errorf("the norms cannot be folded: %w", err)
		}
	}
	if len(folds) == 0 {
		return nil, errors.New("the network has no norm to fold")
	}
	return folds, nil
}

// foldedStore holds the network with its norms folded: what is left of a norm is
// its offset.
func (t *trainer) foldedStore(folds map[string]rnlayer.Affine) (*model.Store, error) {
	folded := model.NewStore()
	prefix := model.JoinPath("/", networkScope)
	scaled := make(map[string]int)
	for v := range t.store.Scope(prefix).IterVariables() {
		if model.BasePath(v.Scope()) == rnlayer.ScopeName {
			continue
		}
		values := tensors.MustCopyFlatData[float32](v.MustValue())
		layer, f, ok := foldOf(folds, v.Scope())
		if ok {
			for i := range values { // the output channels are the last axis
				values[i] = float32(float64(values[i]) * f.Scale[i%len(f.Scale)])
			}
			if v.Shape().Rank() > 1 {
				scaled[layer]++
			}
		}
		if _, err := folded.CreateVariable(v.Path(), tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			return nil, err
		}
	}
	for layer, f := range folds {
		if scaled[layer] != 1 {
			return nil, fmt.Errorf("%d layers before the norm of %s: want one to fold it into", scaled[layer], layer)
		}
		shift := make([]float32, len(f.Shift))
		for k, v := range f.Shift {
			shift[k] = float32(v)
		}
		path := model.JoinPath(layer, rnlayer.ScopeName, rnlayer.VarOffset)
		if _, err := folded.CreateVariable(path, tensors.FromFlatDataAndDimensions(shift, len(shift))); err != nil {
			return nil, err
		}
	}
	return folded, nil
}

// foldOf finds the fold of a variable in the scope of a layer or below it.
func foldOf(folds map[string]rnlayer.Affine, scope string) (layer string, f rnlayer.Affine, ok bool) {
	for layer = scope; layer != "" && layer != "/"; layer = layer[:strings.LastIndex(layer, "/")] {
		if f, ok := folds[layer]; ok {
			return layer, f, true
		}
	}
	return "", rnlayer.Affine{}, false
}

// offsetOnly is what is left of a folded norm.
func offsetOnly(scope *model.Scope, x *Node) *Node {
	shape := x.Shape().Clone()
	shape.Dimensions = shape.Dimensions[x.Rank()-1:]
	offset := scope.In(rnlayer.ScopeName).WithInitializer(initializer.Zero).VariableWithShape(rnlayer.VarOffset, shape)
	return Add(x, ExpandLeftToRank(offset.NodeValue(x.Graph()), x.Rank()))
}

// foldedLogits runs the folded network.
func (t *trainer) foldedLogits(s *Saved, folded *model.Store, x *tensors.Tensor) (*tensors.Tensor, error) {
	c := t.config
	c.Network.Freeze = 0
	network, err := c.networkOf(func(rnlayer.Options) rnlayer.Norm { return offsetOnly }, t.variant)
	if err != nil {
		return nil, err
	}
	before := variableCount(folded)
	logits, err := model.CallOnce(s.backend, folded, func(scope *model.Scope, x *Node) *Node {
		_, logits := network(scope.In(networkScope), x, t.classes)
		return logits
	}, x)
	if err == nil && variableCount(folded) != before {
		err = errors.New("the folded network has variables that the unfolded one has not")
	}
	return logits, err
}

func variableCount(store *model.Store) int {
	n := 0
	for range store.IterVariables() {
		n++
	}
	return n
}

// writeSafetensors writes the network's variables under the names and in the
// layout of PyTorch, and returns how many there are.
func writeSafetensors(path string, store *model.Store, metadata map[string]string) (int, error) {
	views := make(map[string]safetensors.TensorView)
	biases := make(map[string][]float32)
	put := func(name string, values []float32, dims []int) error {
		data := make([]byte, 0, 4*len(values))
		for _, v := range values {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		shape := make([]uint64, len(dims))
		for i, d := range dims {
			shape[i] = uint64(d)
		}
		view, err := safetensors.NewTensorView(safetensors.F32, shape, data)
		views[name] = view
		return err
	}
	for v := range store.IterVariables() {
		name := torchName(strings.TrimPrefix(v.Scope(), model.JoinPath("/", networkScope)+"/"))
		values := tensors.MustCopyFlatData[float32](v.MustValue())
		if v.Shape().Rank() == 1 { // a layer's own bias, and the offset of the norm folded into it
			if biases[name] == nil {
				biases[name] = make([]float32, len(values))
			}
			for i, value := range values {
				biases[name][i] += value
			}
			continue
		}
		values, dims := outputFirst(values, v.Shape().Dimensions)
		if err := put(name+".weight", values, dims); err != nil {
			return 0, fmt.Errorf("%s: %w", v.Path(), err)
		}
	}
	for name, values := range biases {
		if err := put(name+".bias", values, []int{len(values)}); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	data, err := safetensors.Serialize(views, metadata)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, err
	}
	if err := os.WriteFile(path+".tmp", data, 0o644); err != nil {
		return 0, errors.Join(err, os.Remove(path+".tmp"))
	}
	return len(views), os.Rename(path+".tmp", path)
}

// torchName is torchvision's name of a layer's scope: "layer1/0/conv2" of the
// backbone is "layer1.0.conv2", a shortcut's convolution is "downsample.0".
func torchName(scope string) string {
	scope = strings.TrimSuffix(scope, "/"+rnlayer.ScopeName)
	for _, prefix := range []string{backboneScope + "/", headScope + "/"} {
		scope = strings.TrimPrefix(scope, prefix)
	}
	name := strings.ReplaceAll(scope, "/", ".")
	if strings.HasSuffix(name, ".downsample") {
		name += ".0"
	}
	return name
}

// outputFirst turns weights [height, width, in, out] or [in, out] into PyTorch's
// [out, in, height, width] or [out, in].
func outputFirst(values []float32, dims []int) ([]float32, []int) {
	in, out := dims[len(dims)-2], dims[len(dims)-1]
	window := len(values) / (in * out)
	turned := make([]float32, len(values))
	for w := range window {
		for i := range in {
			for o := range out {
				turned[(o*in+i)*window+w] = values[(w*in+i)*out+o]
			}
		}
	}
	return turned, slices.Concat([]int{out, in}, dims[:len(dims)-2])
}
