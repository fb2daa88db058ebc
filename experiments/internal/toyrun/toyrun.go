// Package toyrun makes a run of seconds for tests of packages that draw runs.
package toyrun

import (
	"context"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Photographs is the number of photographs per class and domain.
const Photographs = 6

// Environment is the environment of a run in a folder.
func Environment(dir string) environment.Environment {
	return environment.Environment{
		Images:  environment.Images{Root: filepath.Join(dir, "photographs")},
		Compute: environment.Compute{Backend: "xla:cpu"}, Output: environment.Output{Out: dir},
	}
}

// Train trains a ResNet-18 with RN in the last stage and the bottleneck for two
// steps on toydata's photographs. The folder gets the photographs and the run.
func Train(ctx context.Context, dir string) (record.Result, error) {
	env := Environment(dir)
	if err := toydata.WritePhotographs(env.Root, Photographs, 1); err != nil {
		return record.Result{}, err
	}
	c, err := config.Task{Recipe: "custom", Source: toydata.Domains[0], Target: toydata.Domains[1]}.Default()
	if err != nil {
		return record.Result{}, err
	}
	c.NormAt = []string{"layer4", "bottleneck"}
	c.Network.Backbone, c.Network.Weights, c.Network.Bottleneck = "resnet18", config.WeightsNone, 8
	c.Photos.Resize, c.Photos.Crop = 36, 32
	c.Objective, c.BatchSize, c.Steps, c.EvalEvery = "entropy", 6, 2, 1
	return experiments.Run(ctx, c, env)
}
