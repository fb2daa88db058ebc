package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
)

// fieldFlags are the flags of fields, by their paths in JSON; other fields have
// --set. A flag that begins with "no-" takes away what the field says is there.
var fieldFlags = map[string]string{
	"norm": "norm", "norm_at": "norm-at", "objective": "objective", "activations": "activations",
	"network.backbone": "backbone", "network.weights": "weights", "network.freeze": "freeze", "network.bottleneck": "bottleneck",
	"network.plain_bottleneck": "plain-bottleneck",
	"photos.resize":            "resize", "photos.crop": "crop", "photos.test_crops": "test-crops",
	"norm_options.distance": "distance", "norm_options.group_size": "group-size", "norm_options.gate_min": "gate-min",
	"norm_options.own_share": "own-share", "norm_options.compensate": "no-compensation", "norm_options.aggregate": "no-aggregation",
	"objective_options.random_dim": "random-dim", "optimizer.learning_rate": "lr",
	"steps": "steps", "batch_size": "batch-size", "eval_every": "eval-every", "train_limit": "train-limit",
}

// configArgs are the arguments of `rn train` that make a configuration: the
// task, norm, objective and seed, and what else is not the recipe's.
func configArgs(c experiments.Config) ([]string, error) {
	recipe, err := experiments.LookupRecipe(c.Recipe)
	if err != nil {
		return nil, err
	}
	args := []string{"--recipe", c.Recipe, "--source", c.Source, "--target", c.Target}
	if c.Network.Features != recipe.Features {
		args = append(args, "--features", c.Network.Features)
	}
	args = append(args, "--norm", c.Norm, "--objective", c.Objective)
	base, err := experiments.Task{Recipe: c.Recipe, Source: c.Source, Target: c.Target, Features: c.Network.Features}.Default()
	if err != nil {
		return nil, err
	}
	base.Norm, base.Objective, base.Seed = c.Norm, c.Objective, c.Seed
	for _, path := range ablations.Changes(base, c) {
		value := c.Field(path)
		data, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		flag, ok := fieldFlags[path]
		if !ok {
			args = append(args, "--set", path+"="+string(data))
			continue
		}
		switch v := value.(type) {
		case bool:
			args = append(args, fmt.Sprintf("--%s=%t", flag, v != strings.HasPrefix(flag, "no-")))
		case string:
			args = append(args, "--"+flag, v)
		case []any:
			args = append(args, "--"+flag, strings.Join(c.NormAt, ","))
		default:
			args = append(args, "--"+flag, string(data))
		}
	}
	return append(args, "--seed", strconv.FormatInt(c.Seed, 10)), nil
}

// trainCommand is the command line that makes the run of a configuration, as a
// shell reads it.
func trainCommand(c experiments.Config) (string, error) {
	args, err := configArgs(c)
	if err != nil {
		return "", err
	}
	line := "rn train"
	for _, arg := range args {
		line += " " + quoted(arg)
	}
	return line, nil
}

// plain are the characters that a shell leaves alone.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./,:+@%"

// quoted is an argument as a shell reads it.
func quoted(arg string) string {
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// setField sets the field that a text FIELD=VALUE names. The value is JSON, or
// text as it stands.
func setField(c experiments.Config, text string) (experiments.Config, error) {
	path, written, ok := strings.Cut(text, "=")
	if !ok {
		return c, fmt.Errorf("--set %s: want FIELD=VALUE", text)
	}
	var value any
	if err := json.Unmarshal([]byte(written), &value); err != nil {
		value = written
	}
	edited, err := ablations.Edit{Field: path, Value: value}.Apply(c)
	if errors.Is(err, ablations.ErrChangesNothing) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("--set %s: %w", text, err)
	}
	return edited, nil
}
