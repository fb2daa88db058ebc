package export

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

// TestMain makes XLA compile fast.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestNormsFold: for norms whose inference is more than one γ and β, the network
// with its norms folded has the logits of the network. DWT is refused, and writes
// nothing.
func TestNormsFold(t *testing.T) {
	backend := toydata.Backend(t)
	d := toydata.Digits()
	for _, norm := range []string{"dsbn", "transnorm", "dwt"} {
		t.Run(norm, func(t *testing.T) {
			c := toydata.DigitsConfig(t, norm, "source-only")
			c.NormOptions.UniformScale = true
			store := model.NewStore()
			defer store.Finalize()
			if err := store.SetRNGStateFromSeed(1); err != nil {
				t.Fatal(err)
			}
			p, err := training.Prepare(c, backbone.Variant{}, environment.Compute{})
			if err != nil {
				t.Fatal(err)
			}
			trainer, err := training.New(backend, store, p, len(d.Test.Classes))
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.Finalize()
			if err := trainer.Recalibrate(t.Context(), d, environment.Environment{}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "folded.safetensors")
			r, err := Safetensors(t.Context(), backend, trainer, d.Test, loader.Options{}, map[string]string{"norm": norm}, path)
			if norm == "dwt" {
				if err == nil || !strings.Contains(err.Error(), "/model/conv1/norm") || !strings.Contains(err.Error(), norm) {
					t.Errorf("error %v", err)
				}
				if _, err := os.Stat(path); err == nil {
					t.Error("a network that cannot be folded is written")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Norms != 3 || r.Images != 30 || !(r.MaxDifference < 1e-5) {
				t.Errorf("%+v: want 3 norms, 30 images and a difference below 1e-5", r)
			}
			file, err := weights.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(file.Names()); n != r.Tensors || n == 0 {
				t.Errorf("%d tensors in the file, %d in the report", n, r.Tensors)
			}
			for _, name := range file.Names() {
				if strings.Contains(name, "norm") {
					t.Errorf("a norm is left: %s", name)
				}
			}
		})
	}
}

// TestTenCropsAreRefused: the export compares logits of one crop.
func TestTenCropsAreRefused(t *testing.T) {
	test := toydata.Digits().Test
	test.Crops = 10
	if _, _, err := firstExamples(t.Context(), test, loader.Options{}); err == nil || !strings.Contains(err.Error(), "ten crops") {
		t.Errorf("error %v", err)
	}
}

// TestTorchNames: scopes have torchvision's names.
func TestTorchNames(t *testing.T) {
	for scope, want := range map[string]string{
		"backbone/conv1": "conv1", "backbone/layer1/0/conv2/norm": "layer1.0.conv2", "backbone/layer2/0/downsample": "layer2.0.downsample.0",
		"head/bottleneck": "bottleneck", "head/classifier": "classifier", "conv2/norm": "conv2",
	} {
		if got := torchName(scope); got != want {
			t.Errorf("%s is named %s, want %s", scope, got, want)
		}
	}
}
