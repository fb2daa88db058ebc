package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// configFlags are the flags that change a recipe's configuration.
type configFlags struct {
	task       experiments.Task
	accumulate int
	edits      []string
	flags      *pflag.FlagSet
	set        map[string]func(*experiments.Config)
}

// addConfigFlags adds the flags of a configuration. Their defaults are the
// recipe's.
func addConfigFlags(cmd *cobra.Command) *configFlags {
	flags := cmd.Flags()
	f := &configFlags{flags: flags, set: make(map[string]func(*experiments.Config))}
	flags.StringVar(&f.task.Recipe, "recipe", "digits", "benchmark; see rn list recipes")
	flags.StringVar(&f.task.Source, "source", "", "source domain (default: the recipe's)")
	flags.StringVar(&f.task.Target, "target", "", "target domain (default: the recipe's)")
	flags.StringVar(&f.task.Features, "features", "", `photographs: "finetuned", the backbone learns too, or "frozen", its features are computed once (default: the recipe's)`)
	flags.IntVar(&f.accumulate, "accumulate", 1, "micro-batches a step; only 1 is possible, and why is said")
	text := func(name, usage string, field func(*experiments.Config) *string) {
		v := flags.String(name, "", usage)
		f.set[name] = func(c *experiments.Config) { *field(c) = *v }
	}
	number := func(name, usage string, field func(*experiments.Config) *int) {
		v := flags.Int(name, 0, usage)
		f.set[name] = func(c *experiments.Config) { *field(c) = *v }
	}
	real := func(name, usage string, field func(*experiments.Config) *float64) {
		v := flags.Float64(name, 0, usage)
		f.set[name] = func(c *experiments.Config) { *field(c) = *v }
	}
	text("norm", `normalization (default "rn"); see rn list norms`, func(c *experiments.Config) *string { return &c.Norm })
	places := flags.StringSlice("norm-at", nil, "places that have the norm, the others BN: digits conv1, conv2, hidden; photographs stem, layer1 to layer4, bottleneck (default: all)")
	f.set["norm-at"] = func(c *experiments.Config) { c.NormAt = *places }
	text("objective", `objective (default "cdan-e"); see rn list objectives`, func(c *experiments.Config) *string { return &c.Objective })
	activations := addActivationsFlag(cmd)
	f.set["activations"] = func(c *experiments.Config) { c.Activations = *activations }
	text("backbone", `photographs: resnet18, resnet34, resnet50, resnet101 or resnet152 (default "resnet50")`, func(c *experiments.Config) *string { return &c.Network.Backbone })
	text("weights", `photographs: pretrained weights, a name of rn weights list, a file, "auto" or "none" (default "auto")`, func(c *experiments.Config) *string { return &c.Network.Weights })
	number("freeze", "photographs: stages of the backbone, from the input, that do not learn; 1 is the stem, 5 all", func(c *experiments.Config) *int { return &c.Network.Freeze })
	number("bottleneck", "photographs: width of the bottleneck (default 256)", func(c *experiments.Config) *int { return &c.Network.Bottleneck })
	number("resize", "photographs: pixels that they are resized to (default 256)", func(c *experiments.Config) *int { return &c.Photos.Resize })
	number("crop", "photographs: pixels of the crop that the network reads (default 224)", func(c *experiments.Config) *int { return &c.Photos.Crop })
	number("test-crops", "photographs: crops in tests, 1 or 10 (default 1)", func(c *experiments.Config) *int { return &c.Photos.TestCrops })
	number("steps", "training steps (default: the recipe's)", func(c *experiments.Config) *int { return &c.Steps })
	number("batch-size", "images of each domain in a step (default: the recipe's)", func(c *experiments.Config) *int { return &c.BatchSize })
	number("eval-every", "steps between evaluations (default: the recipe's)", func(c *experiments.Config) *int { return &c.EvalEvery })
	number("train-limit", "first training images of each domain, 0 for all (default: the recipe's)", func(c *experiments.Config) *int { return &c.TrainLimit })
	real("lr", "learning rate (default: the recipe's)", func(c *experiments.Config) *float64 { return &c.Optimizer.LearningRate })
	number("random-dim", "width of CDAN's randomized map, 0 for the outer product", func(c *experiments.Config) *int { return &c.ObjectiveOptions.RandomDim })
	text("distance", `RN: comparison of statistics, l2, l1, dot or cosine (default "l2")`, func(c *experiments.Config) *string { return (*string)(&c.NormOptions.Distance) })
	number("group-size", "RN: adjacent channels compared as one, 0 for the paper's", func(c *experiments.Config) *int { return &c.NormOptions.GroupSize })
	real("gate-min", "RN, AutoDIAL: lower end of the gates' range (default 0.5)", func(c *experiments.Config) *float64 { return &c.NormOptions.GateMin })
	real("own-share", "RN: share of own statistics without aggregation (default 0.5)", func(c *experiments.Config) *float64 { return &c.NormOptions.OwnShare })
	truth := func(name, usage string, set func(c *experiments.Config, v bool)) {
		v := flags.Bool(name, false, usage)
		f.set[name] = func(c *experiments.Config) { set(c, *v) }
	}
	truth("no-compensation", "RN: the same channel of the other domain instead of RC", func(c *experiments.Config, v bool) { c.NormOptions.Compensate = !v })
	truth("no-aggregation", "RN: a fixed share instead of RA's gates", func(c *experiments.Config, v bool) { c.NormOptions.Aggregate = !v })
	truth("plain-bottleneck", "photographs: a bottleneck without norm and ReLU", func(c *experiments.Config, v bool) { c.Network.PlainBottleneck = v })
	flags.StringArrayVar(&f.edits, "set", nil, "FIELD=VALUE, any field of a configuration as in results.jsonl, such as norm_options.momentum=0.2; may be repeated")
	seed := flags.Int64("seed", 0, "seed of initial weights, batches and dropout")
	f.set["seed"] = func(c *experiments.Config) { c.Seed = *seed }
	if err := completions(cmd); err != nil {
		panic(err) // a flag above that does not exist
	}
	return f
}

// addActivationsFlag adds --activations and completes it.
func addActivationsFlag(cmd *cobra.Command) *backbone.Activations {
	var a backbone.Activations
	cmd.Flags().StringVar((*string)(&a), "activations", "",
		`what layers hand on: "float32", or "bfloat16", with float32 weights and statistics, for GPUs: CPUs gain little (default "float32")`)
	offered := names(backbone.AllActivations(), backbone.Activations.String)
	if err := cmd.RegisterFlagCompletionFunc("activations", cobra.FixedCompletions(offered, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
	return &a
}

// completions offers the registries' names to the shell.
func completions(cmd *cobra.Command) error {
	names := make(map[string][]string)
	for _, i := range items() {
		names[i.Kind] = append(names[i.Kind], i.Name+"\t"+i.Summary)
	}
	var errs []error
	for flag, kind := range map[string]string{"recipe": "recipes", "norm": "norms", "objective": "objectives"} {
		errs = append(errs, cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names[kind], cobra.ShellCompDirectiveNoFileComp)))
	}
	domains := func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) { // of the recipe given so far
		name, err := cmd.Flags().GetString("recipe")
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		recipe, err := experiments.LookupRecipe(name)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return recipe.Domains, cobra.ShellCompDirectiveNoFileComp
	}
	for _, flag := range []string{"source", "target"} {
		errs = append(errs, cmd.RegisterFlagCompletionFunc(flag, domains))
	}
	errs = append(errs, cmd.RegisterFlagCompletionFunc("features",
		cobra.FixedCompletions([]string{experiments.FeaturesFinetuned, experiments.FeaturesFrozen}, cobra.ShellCompDirectiveNoFileComp)))
	return errors.Join(errs...)
}

// config is the recipe's configuration with the flags that were given.
func (f *configFlags) config() (experiments.Config, error) {
	c, err := f.task.Default()
	if err != nil {
		return c, usageError{err}
	}
	if f.accumulate != 1 {
		return c, usageError{fmt.Errorf("--accumulate %d: the norms' statistics are those of a whole batch, and RN's gradient passes through them: "+
			"the gradients of micro-batches do not add up to the batch's. To save memory use a smaller --batch-size, --crop, --backbone, or --freeze", f.accumulate)}
	}
	f.flags.Visit(func(flag *pflag.Flag) {
		if set := f.set[flag.Name]; set != nil {
			set(&c)
		}
	})
	for _, text := range f.edits {
		if c, err = setField(c, text); err != nil {
			return c, usageError{err}
		}
	}
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}
