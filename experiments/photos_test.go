package experiments

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// ownCache gives the test a cache folder of its own, with the XLA plugins of the
// user's.
func ownCache(t *testing.T) {
	t.Helper()
	users, err := fetch.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	own := t.TempDir()
	if err := os.Symlink(filepath.Join(users, "pjrt"), filepath.Join(own, "pjrt")); err != nil {
		t.Fatal(err)
	}
	t.Setenv(fetch.CacheEnv, own)
}

// photographs writes a folder a domain, with photographs of three classes that
// their colours tell apart, darker in winter.
func photographsOf(t *testing.T, each int) (root string) {
	t.Helper()
	root = t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	light := 1.0
	for _, domain := range []string{"summer", "winter"} { // in order: the draws are then the same every time
		for class, name := range []string{"blue", "green", "red"} {
			for i := range each {
				im := image.NewNRGBA(image.Rect(0, 0, 48, 40))
				for p := range 48 * 40 {
					rgb := [3]float64{0.2, 0.2, 0.2}
					rgb[2-class] = 0.8
					for k := range rgb {
						rgb[k] = 255 * light * (rgb[k] + 0.2*rng.Float64())
					}
					im.SetNRGBA(p%48, p/48, color.NRGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
				}
				var data bytes.Buffer
				if err := png.Encode(&data, im); err != nil {
					t.Fatal(err)
				}
				writeTestFile(t, filepath.Join(root, domain, name, fmt.Sprintf("%02d.png", i)), data.Bytes())
			}
		}
		light = 0.6
	}
	return root
}

func writeTestFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// randomWeights writes weights of a ResNet-18 as safetensors.
func randomWeights(t *testing.T) (path string) {
	t.Helper()
	resnet, err := backbone.LookupResNet("resnet18")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	views := make(map[string]safetensors.TensorView)
	for _, tensor := range resnet.Tensors() {
		n, shape := sizeOf(tensor.Shape), make([]uint64, len(tensor.Shape))
		for i, d := range tensor.Shape {
			shape[i] = uint64(d)
		}
		data := make([]byte, 0, 4*n)
		deviation := math.Sqrt(2 / float64(n/tensor.Shape[0]))
		for range n {
			v := 1.0 // of a scale or a variance
			switch {
			case len(tensor.Shape) > 1:
				v = deviation * (2*rng.Float64() - 1)
			case strings.HasSuffix(tensor.Name, "bias") || strings.HasSuffix(tensor.Name, "mean"):
				v = 0.1 * rng.Float64()
			}
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(v)))
		}
		if views[tensor.Name], err = safetensors.NewTensorView(safetensors.F32, shape, data); err != nil {
			t.Fatal(err)
		}
	}
	data, err := safetensors.Serialize(views, nil)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "resnet18.safetensors")
	writeTestFile(t, path, data)
	return path
}

// photoConfig is a run of seconds on the test's photographs.
func photoConfig(t *testing.T, features, weights string) config.Config {
	t.Helper()
	c, err := config.Task{Recipe: "custom", Source: "summer", Target: "winter", Features: features}.Default()
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Backbone, c.Network.Weights, c.Network.Bottleneck = "resnet18", weights, 8
	c.Photos.Resize, c.Photos.Crop = 36, 32
	c.Objective, c.BatchSize = "entropy", 4
	return c
}

// TestFrozen trains on frozen features, evaluates the run in all ways, folds it,
// and finds the features in the cache the second time.
func TestFrozen(t *testing.T) {
	newBackend(t)
	ownCache(t)
	env := environment.Environment{Images: environment.Images{Root: photographsOf(t, 5)}, Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: t.TempDir()}}
	c := photoConfig(t, config.FeaturesFrozen, randomWeights(t))
	c.Steps, c.EvalEvery = 60, 30
	computed := 0
	env.Preparing = func(string, int, int) { computed++ }
	r, err := Run(context.Background(), c, env)
	if err != nil {
		t.Fatal(err)
	}
	if computed != 30 {
		t.Errorf("features of %d photographs were computed, want 30", computed)
	}
	if r.Accuracy.Last < 0.9 {
		t.Errorf("accuracy %.2f on classes that colours tell apart", r.Accuracy.Last)
	}
	again, err := Run(context.Background(), c, env)
	if err != nil {
		t.Fatal(err)
	}
	if computed != 30 {
		t.Errorf("features of %d photographs were computed again", computed-30)
	}
	if again.StateSHA256 != r.StateSHA256 {
		t.Error("the same configuration gave another state")
	}

	saved, err := OpenSaved(context.Background(), r.ID, checkpoint.Latest, env)
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	for _, name := range StatisticsNames() {
		p, err := saved.Predict(context.Background(), Statistics()[name])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(p.Labels) != 15 {
			t.Errorf("%s: %d predictions, want 15", name, len(p.Labels))
		}
		if e := p.Evaluation(); name == "target" && e.Accuracy != r.Accuracy.Last {
			t.Errorf("accuracy %g, in training %g", e.Accuracy, r.Accuracy.Last)
		}
	}
	if _, err := saved.Predict(context.Background(), PredictOptions{Crops: 10, Statistics: rnlayer.EvalTarget}); err == nil || !strings.Contains(err.Error(), "centre crop") {
		t.Errorf("ten crops of frozen features: error %v", err)
	}
	requireExport(t, saved)
}

// requireExport folds a network; what is written is a ResNet with biases and no
// norms.
func requireExport(t *testing.T, saved *Saved) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "folded.safetensors")
	e, err := saved.Export(context.Background(), path, rnlayer.EvalTarget)
	if err != nil {
		t.Fatal(err)
	}
	if want := 20 + 1; e.Norms != want || e.MaxDifference > 1e-4 {
		t.Errorf("%+v, want %d norms", e, want)
	}
	f, err := weights.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	conv, bias := f.Tensors["layer2.0.downsample.0.weight"], f.Tensors["layer2.0.downsample.0.bias"]
	if !slices.Equal(conv.Shape, []int{128, 64, 1, 1}) || !slices.Equal(bias.Shape, []int{128}) {
		t.Errorf("shapes %v, %v", conv.Shape, bias.Shape)
	}
	if !slices.Equal(f.Tensors["classifier.weight"].Shape, []int{3, 8}) || len(f.Tensors["bottleneck.bias"].Data) != 8 {
		t.Errorf("tensors %v", f.Names())
	}
	for _, name := range f.Names() {
		if strings.Contains(name, "bn") || strings.Contains(name, "norm") {
			t.Errorf("a norm is left: %s", name)
		}
	}
	if _, err := saved.Export(context.Background(), path, rnlayer.EvalBatch); err == nil || !strings.Contains(err.Error(), "cannot be folded") {
		t.Errorf("statistics of a batch: error %v", err)
	}
}

// TestFinetuned trains the last stage of a pretrained network: only it and the
// head change, ten crops are averaged, and the norms fold.
func TestFinetuned(t *testing.T) {
	newBackend(t)
	ownCache(t)
	env := environment.Environment{Images: environment.Images{Root: photographsOf(t, 4)}, Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: t.TempDir()}}
	c := photoConfig(t, config.FeaturesFinetuned, randomWeights(t))
	c.Network.Freeze, c.Steps, c.EvalEvery = 4, 4, 4
	r, err := Run(context.Background(), c, env)
	if err != nil {
		t.Fatal(err)
	}
	if r.Digests["weights"] == "" || r.Digests["source"] == "" {
		t.Errorf("digests %v", r.Digests)
	}
	saved, err := OpenSaved(context.Background(), r.ID, checkpoint.Best, env)
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	file, err := weights.Read(c.Network.Weights)
	if err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string]bool{"conv1.weight": false, "layer3.1.bn2.running_mean": false, "layer4.1.conv2.weight": true, "layer4.0.bn1.running_mean": true} {
		path, err := backbone.VariablePath(name)
		if err != nil {
			t.Fatal(err)
		}
		got := saved.store.GetVariable("/model/backbone/" + path).MustValue()
		sum, want := 0.0, 0.0 // whatever the layout
		for _, v := range flatten(got.Value()) {
			sum += math.Abs(v)
		}
		for _, v := range file.Tensors[name].Data {
			want += math.Abs(float64(v))
		}
		want *= float64(got.Size()) / float64(len(file.Tensors[name].Data)) // a row a domain
		if differs := math.Abs(sum-want) > 1e-6*want; differs != changed {
			t.Errorf("%s: sum %g, pretrained %g", name, sum, want)
		}
	}
	one, err := saved.Predict(context.Background(), PredictOptions{Statistics: rnlayer.EvalTarget})
	if err != nil {
		t.Fatal(err)
	}
	ten, err := saved.Predict(context.Background(), PredictOptions{Statistics: rnlayer.EvalTarget, Crops: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(ten.Labels) != 12 || slices.Equal(one.Probabilities[0], ten.Probabilities[0]) {
		t.Errorf("ten crops: %d predictions, the first %v, with one crop %v", len(ten.Labels), ten.Probabilities[0], one.Probabilities[0])
	}
	requireExport(t, saved)
}

// flatten lists the numbers of nested slices.
func flatten(value any) []float64 {
	switch v := value.(type) {
	case float32:
		return []float64{float64(v)}
	case []float32:
		return flattenAll(v)
	case [][]float32:
		return flattenAll(v)
	case [][][]float32:
		return flattenAll(v)
	case [][][][]float32:
		return flattenAll(v)
	default:
		panic(fmt.Sprintf("values of type %T", value))
	}
}

func flattenAll[T any](rows []T) (all []float64) {
	for _, row := range rows {
		all = append(all, flatten(row)...)
	}
	return all
}

// TestBrokenPhotograph: a photograph that cannot be read ends the run with its
// name, or is left out and told of.
func TestBrokenPhotograph(t *testing.T) {
	newBackend(t)
	ownCache(t)
	env := environment.Environment{Images: environment.Images{Root: photographsOf(t, 3)}, Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: t.TempDir()}}
	broken := filepath.Join(env.Data, "winter", "green", "01.png")
	writeTestFile(t, broken, []byte("\x89PNG\r\n\x1a\n and no more"))
	c := photoConfig(t, config.FeaturesFrozen, randomWeights(t))
	c.Steps, c.EvalEvery = 2, 2
	if _, err := Run(context.Background(), c, env); err == nil || !strings.Contains(err.Error(), broken) {
		t.Errorf("error %v does not name the file", err)
	}
	var told []error
	env.SkipBroken, env.Warn = true, func(err error) { told = append(told, err) }
	if _, err := Run(context.Background(), c, env); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || !strings.Contains(told[0].Error(), broken) {
		t.Errorf("told of %v", told)
	}
}

// TestPhotoMisuse: what is wrong with a run of photographs is said before
// anything is computed.
func TestPhotoMisuse(t *testing.T) {
	root := photographsOf(t, 1)
	for name, c := range map[string]struct {
		edit func(*config.Config, *environment.Environment)
		want string
	}{
		"no root":              {func(_ *config.Config, e *environment.Environment) { e.Data = "" }, "--root"},
		"no such domain":       {func(c *config.Config, _ *environment.Environment) { c.Target = "autumn" }, "autumn"},
		"random and frozen":    {func(c *config.Config, _ *environment.Environment) { c.Network.Weights = config.WeightsNone }, "frozen features of random weights"},
		"crop above resize":    {func(c *config.Config, _ *environment.Environment) { c.Photos.Crop = 64 }, "cropped to 64"},
		"backbone":             {func(c *config.Config, _ *environment.Environment) { c.Network.Backbone = "resnet19" }, `"resnet19"`},
		"crops":                {func(c *config.Config, _ *environment.Environment) { c.Photos.TestCrops = 5 }, "5 crops in tests"},
		"ten crops and frozen": {func(c *config.Config, _ *environment.Environment) { c.Photos.TestCrops = 10 }, "centre crop"},
		"weights":              {func(c *config.Config, _ *environment.Environment) { c.Network.Weights = filepath.Join(root, "nope") }, "nope"},
	} {
		t.Run(name, func(t *testing.T) {
			config, env := photoConfig(t, config.FeaturesFrozen, "weights"), environment.Environment{Images: environment.Images{Root: root}, Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: t.TempDir()}}
			if name != "weights" && name != "random and frozen" {
				config.Network.Weights = randomWeights(t)
			}
			c.edit(&config, &env)
			_, err := Run(context.Background(), config, env)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}
