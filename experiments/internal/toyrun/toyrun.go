// Package toyrun trains a tiny network in seconds, for tests that need a finished run.
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
)

// Photographs is the number of photographs per class and domain.
const Photographs = 6

// Environment returns the environment of a run in a folder.
func Environment(dir string) experiments.Environment {
	return experiments.Environment{Backend: "xla:cpu", Out: dir, Data: filepath.Join(dir, "photographs")}
}

// Train trains a ResNet-18 with RN in its last stage and bottleneck for two steps, in a folder. The photographs show three
// classes of different colours, in two domains: summer, and winter, which is darker.
func Train(ctx context.Context, dir string) (experiments.Result, error) {
	env := Environment(dir)
	rng := rand.New(rand.NewPCG(1, 2))
	for domain, light := range map[string]float64{"summer": 1, "winter": 0.6} {
		for class, name := range []string{"blue", "green", "red"} {
			for i := range Photographs {
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
	return experiments.Run(ctx, c, env)
}

// writePhotograph writes a noisy photograph of a class, with its colours multiplied by light.
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
