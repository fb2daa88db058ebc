package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
)

// configArgs returns the arguments of `rn train` that make a configuration: task, norm,
// objective and seed, and every field that differs from the recipe.
func configArgs(c config.Config) ([]string, error) {
	recipe, err := config.LookupRecipe(c.Recipe)
	if err != nil {
		return nil, err
	}
	args := []string{"--recipe", c.Recipe, "--source", c.Source, "--target", c.Target}
	if c.Network.Features != recipe.Features {
		args = append(args, "--features", c.Network.Features)
	}
	args = append(args, "--norm", c.Norm, "--objective", c.Objective)
	changes, _, err := c.FromRecipe()
	if err != nil {
		return nil, err
	}
	for _, path := range changes {
		arg, err := fieldArg(c, path)
		if err != nil {
			return nil, err
		}
		args = append(args, arg...)
	}
	return append(args, "--seed", strconv.FormatInt(c.Seed, 10)), nil
}

// fieldArg returns the flag that sets a field to its value, or --set if the field has no
// flag.
func fieldArg(c config.Config, path string) ([]string, error) {
	value := c.Field(path)
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(fieldFlags, func(f fieldFlag) bool { return f.field == path })
	if i < 0 {
		return []string{"--set", path + "=" + string(data)}, nil
	}
	flag := "--" + fieldFlags[i].name
	switch v := value.(type) {
	case bool:
		return []string{fmt.Sprintf("%s=%t", flag, v != strings.HasPrefix(flag, "--no-"))}, nil
	case string:
		return []string{flag, v}, nil
	case []any: // norm_at
		return []string{flag, strings.Join(c.NormAt, ",")}, nil
	default:
		return []string{flag, string(data)}, nil
	}
}

// trainCommand returns the command line that trains a configuration on the images of a
// folder, quoted for a shell. For photographs of an unknown folder it has --root DIR.
func trainCommand(c config.Config, images environment.Images) (string, error) {
	args, err := configArgs(c)
	if err != nil {
		return "", err
	}
	root := images.Root
	if recipe, err := config.LookupRecipe(c.Recipe); err == nil && recipe.OfPhotos() && root == "" {
		root = "DIR"
	}
	if root != "" {
		args = append(args, "--root", root)
	}
	if images.Lists != "" {
		args = append(args, "--lists", images.Lists)
	}
	return shellescape.QuoteCommand(append([]string{"rn", "train"}, args...)), nil
}
