// Package toyrun makes a run of seconds for the tests of packages that draw runs.
package toyrun

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Photographs is the number of photographs of each class and domain.
const Photographs = 6

// Quickly has XLA compile fast rather than well: these tests compile far more
// than they compute. It must come before the first backend.
func Quickly() error {
	const variable = "XLA_FLAGS"
	if os.Getenv(variable) != "" {
		return nil
	}
	return os.Setenv(variable, "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
}

// Environment is that of a run in a folder.
func Environment(dir string) environment.Environment {
	return environment.Environment{
		Images:  environment.Images{Root: filepath.Join(dir, "photographs")},
		Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: dir},
	}
}

// Train trains in a folder: RN in the last stage and the bottleneck of a
// ResNet-18, for two steps, on photographs of three classes that their colours
// tell apart, of summer and of winter, which is darker.
func Train(ctx context.Context, dir string) (record.Result, error) {
	env := Environment(dir)
	rng := rand.New(rand.NewPCG(1, 2))
	for domain, light := range map[string]float64{"summer": 1, "winter": 0.6} {
		for class, name := range []string{"blue", "green", "red"} {
			for i := range Photographs {
				if err := writePhotograph(filepath.Join(env.Root, domain, name, fmt.Sprintf("%02d.png", i)), class, light, rng); err != nil {
					return record.Result{}, err
				}
			}
		}
	}
	c, err := config.Task{Recipe: "custom", Source: "summer", Target: "winter"}.Default()
	if err != nil {
		return record.Result{}, err
	}
	c.NormAt = []string{"layer4", "bottleneck"}
	c.Network.Backbone, c.Network.Weights, c.Network.Bottleneck = "resnet18", config.WeightsNone, 8
	c.Photos.Resize, c.Photos.Crop = 36, 32
	c.Objective, c.BatchSize, c.Steps, c.EvalEvery = "entropy", 6, 2, 1
	return experiments.Run(ctx, c, env)
}

// writePhotograph writes a photograph of a class in a light.
func writePhotograph(path string, class int, light float64, rng *rand.Rand) error {
	const side = 40
	im := image.NewNRGBA(image.Rect(0, 0, side, side))
	for p := range side * side {
		rgb := [3]float64{0.2, 0.2, 0.2}
		rgb[2-class] = 0.8
		for k := range rgb {
			rgb[k] = 255 * light * (rgb[k] + 0.2*rng.Float64())
		}
		im.SetNRGBA(p%side, p/side, color.NRGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, im); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
