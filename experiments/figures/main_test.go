package figures_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/platform"
)

// out is the output folder of the runs that tests share.
var out string

// TestMain has XLA compile fast rather than well: these tests compile far more
// than they compute.
func TestMain(m *testing.M) {
	if os.Getenv("XLA_FLAGS") == "" {
		os.Setenv("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
	}
	var err error
	if out, err = os.MkdirTemp("", "figures"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(out)
	os.Exit(code)
}

// environment is that of the shared run.
func environment() experiments.Environment {
	return experiments.Environment{Backend: "xla:cpu", Out: out, Data: filepath.Join(out, "photographs")}
}

// trained trains the shared run, once: RN in the last stage and the bottleneck of
// a ResNet-18 on photographs of three classes that their colours tell apart,
// darker in winter.
var trained = sync.OnceValues(func() (experiments.Result, error) {
	env := environment()
	rng := rand.New(rand.NewPCG(1, 2))
	for domain, light := range map[string]float64{"summer": 1, "winter": 0.6} {
		for class, name := range []string{"blue", "green", "red"} {
			for i := range 6 {
				if err := writePhotograph(filepath.Join(env.Data, domain, name, fmt.Sprintf("%02d.png", i)), class, light, rng); err != nil {
					return experiments.Result{}, err
				}
			}
		}
	}
	c, err := experiments.Task{Recipe: "custom", Source: "summer", Target: "winter"}.Default()
	if err != nil {
		return experiments.Result{}, err
	}
	c.NormAt = []string{"layer4", "bottleneck"}
	c.Network.Backbone, c.Network.Weights, c.Network.Bottleneck = "resnet18", experiments.WeightsNone, 8
	c.Photos.Resize, c.Photos.Crop = 36, 32
	c.Objective, c.BatchSize, c.Steps, c.EvalEvery = "entropy", 6, 2, 1
	return experiments.Run(context.Background(), c, env)
})

func writePhotograph(path string, class int, light float64, rng *rand.Rand) error {
	im := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for p := range 40 * 40 {
		rgb := [3]float64{0.2, 0.2, 0.2}
		rgb[2-class] = 0.8
		for k := range rgb {
			rgb[k] = 255 * light * (rgb[k] + 0.2*rng.Float64())
		}
		im.SetNRGBA(p%40, p/40, color.NRGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return png.Encode(f, im)
}

// shared is the shared run's network, opened once.
var shared = sync.OnceValues(func() (*experiments.Saved, error) {
	r, err := trained()
	if err != nil {
		return nil, err
	}
	return experiments.OpenSaved(context.Background(), r.ID, checkpoint.Latest, environment())
})

// openRun is the shared run with its network.
func openRun(t *testing.T) (experiments.Result, *experiments.Saved) {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	backend.Finalize()
	r, err := trained()
	if err != nil {
		t.Fatal(err)
	}
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}
