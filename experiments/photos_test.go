package experiments

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestFrozen: a run on frozen features learns, is evaluated with every kind of
// statistics, and is exported. A second run finds the features in the cache, a run
// of another version of the code does not.
func TestFrozen(t *testing.T) {
	toydata.Backend(t)
	toydata.OwnCache(t)
	env := photosEnvironment(t, toydata.Photographs(t, 5))
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
	c.Steps, c.EvalEvery = 60, 30
	computed := 0
	env.Preparing = func(what string, _, _ int) {
		if strings.Contains(what, "features of") {
			computed++
		}
	}
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
	later := env
	later.Version = "later"
	if _, err := Run(context.Background(), c, later); err != nil {
		t.Fatal(err)
	}
	if computed != 60 {
		t.Errorf("under another version of the code features of %d photographs were computed, want all 30", computed-30)
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

// variables are the variables of a saved network, by path.
func variables(t *testing.T, saved *Saved) map[string][]float32 {
	t.Helper()
	values := make(map[string][]float32)
	for v := range saved.store.IterVariables() {
		values[v.Path()] = nil
		if value := v.MustValue(); value.DType() == dtypes.Float32 {
			values[v.Path()] = tensors.MustCopyFlatData[float32](value)
		}
	}
	return values
}

// requireExport exports a network: a ResNet with biases and without norms is
// written, and the saved network stays as it was.
func requireExport(t *testing.T, saved *Saved) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "folded.safetensors")
	before := variables(t, saved)
	e, err := saved.Export(context.Background(), path, rnlayer.EvalTarget)
	if err != nil {
		t.Fatal(err)
	}
	if want := 20 + 1; e.Norms != want || e.MaxDifference > 1e-4 {
		t.Errorf("%+v, want %d norms", e, want)
	}
	if after := variables(t, saved); !maps.EqualFunc(after, before, slices.Equal) {
		t.Errorf("the export turned %d variables into %d, or changed some", len(before), len(after))
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

// TestFinetuned: fine-tuning the last stage of a pretrained network changes that
// stage and no other; ten crops are averaged, and the network is exported.
func TestFinetuned(t *testing.T) {
	toydata.Backend(t)
	toydata.OwnCache(t)
	env := photosEnvironment(t, toydata.Photographs(t, 4))
	c := toydata.PhotosConfig(t, config.FeaturesFinetuned, toydata.Weights(t))
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

// photographBegin is what the file of a broken photograph holds.
var photographBegin = []byte("\x89PNG\r\n\x1a\n and no more")

// TestBrokenPhotograph: a photograph that cannot be decoded, or opened, ends the run
// with its name, or is left out with a warning.
func TestBrokenPhotograph(t *testing.T) {
	toydata.Backend(t)
	for name, spoil := range map[string]func(path string) error{
		"decode": func(path string) error { return os.WriteFile(path, photographBegin, 0o644) },
		"open":   func(path string) error { return errors.Join(os.Remove(path), os.Symlink("nowhere.png", path)) },
	} {
		t.Run(name, func(t *testing.T) {
			toydata.OwnCache(t)
			env := photosEnvironment(t, toydata.Photographs(t, 3))
			broken := filepath.Join(env.Root, toydata.Photograph("winter", "green", 1))
			if err := spoil(broken); err != nil {
				t.Fatal(err)
			}
			c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
			c.Steps, c.EvalEvery = 2, 2
			_, err := Run(context.Background(), c, env)
			if err == nil || !strings.Contains(err.Error(), broken) {
				t.Errorf("error %v does not name the file", err)
			}
			var warnings []error
			env.SkipBroken, env.Warn = true, func(err error) { warnings = append(warnings, err) }
			r, err := Run(context.Background(), c, env)
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), broken) {
				t.Errorf("warnings %v", warnings)
			}
			saved, err := OpenSaved(context.Background(), r.ID, checkpoint.Latest, env)
			if err != nil {
				t.Fatal(err)
			}
			defer saved.Close()
			p, err := saved.Test(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Labels) != 3*3-1 {
				t.Errorf("%d test photographs, want 8", len(p.Labels))
			}
		})
	}
}

// TestExportSkipsBroken: an export with SkipBroken leaves out the first test
// photograph if it is broken, and without it the error names the photograph.
func TestExportSkipsBroken(t *testing.T) {
	toydata.Backend(t)
	toydata.OwnCache(t)
	env := photosEnvironment(t, toydata.Photographs(t, 3))
	broken := filepath.Join(env.Root, toydata.Photograph("winter", "blue", 0))
	toydata.WriteFile(t, broken, photographBegin)
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
	c.Steps, c.EvalEvery = 2, 2
	env.SkipBroken = true
	r, err := Run(context.Background(), c, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, skip := range []bool{true, false} {
		env.SkipBroken = skip
		saved, err := OpenSaved(context.Background(), r.ID, checkpoint.Latest, env)
		if err != nil {
			t.Fatal(err)
		}
		if skip {
			requireExport(t, saved)
		} else if _, err := saved.Export(context.Background(), filepath.Join(t.TempDir(), "folded.safetensors"), rnlayer.EvalTarget); err == nil || !strings.Contains(err.Error(), broken) {
			t.Errorf("error %v does not name %s", err, broken)
		}
		saved.Close()
	}
}

// TestPhotoMisuse: Run names what is wrong with a run on photographs before it
// computes anything.
func TestPhotoMisuse(t *testing.T) {
	root := toydata.Photographs(t, 2)
	for name, c := range map[string]struct {
		edit func(*config.Config, *environment.Environment)
		want string
	}{
		"no root":              {func(_ *config.Config, e *environment.Environment) { e.Root = "" }, "--root"},
		"no such domain":       {func(c *config.Config, _ *environment.Environment) { c.Target = "autumn" }, "autumn"},
		"random and frozen":    {func(c *config.Config, _ *environment.Environment) { c.Network.Weights = config.WeightsNone }, "frozen features of random weights"},
		"crop above resize":    {func(c *config.Config, _ *environment.Environment) { c.Photos.Crop = 64 }, "cropped to 64"},
		"backbone":             {func(c *config.Config, _ *environment.Environment) { c.Network.Backbone = "resnet19" }, `"resnet19"`},
		"crops":                {func(c *config.Config, _ *environment.Environment) { c.Photos.TestCrops = 5 }, "5 crops in tests"},
		"ten crops and frozen": {func(c *config.Config, _ *environment.Environment) { c.Photos.TestCrops = 10 }, "centre crop"},
		"weights":              {func(c *config.Config, _ *environment.Environment) { c.Network.Weights = filepath.Join(root, "nope") }, "nope"},
	} {
		t.Run(name, func(t *testing.T) {
			config, env := toydata.PhotosConfig(t, config.FeaturesFrozen, "weights"), photosEnvironment(t, root)
			if name != "weights" && name != "random and frozen" {
				config.Network.Weights = toydata.Weights(t)
			}
			c.edit(&config, &env)
			_, err := Run(context.Background(), config, env)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not say %q", err, c.want)
			}
		})
	}
}
