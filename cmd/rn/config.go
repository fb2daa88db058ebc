package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// configFlags are the flags that change a recipe's configuration.
type configFlags struct {
	recipe string
	flags  *pflag.FlagSet
	set    map[string]func(*experiments.Config)
}

// addConfigFlags adds the flags of a configuration. Their defaults are the
// recipe's.
func addConfigFlags(cmd *cobra.Command) *configFlags {
	flags := cmd.Flags()
	f := &configFlags{flags: flags, set: make(map[string]func(*experiments.Config))}
	flags.StringVar(&f.recipe, "recipe", "digits", "benchmark; see rn list recipes")
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
	text("source", "source domain (default: the recipe's)", func(c *experiments.Config) *string { return &c.Source })
	text("target", "target domain (default: the recipe's)", func(c *experiments.Config) *string { return &c.Target })
	text("norm", `normalization (default "rn"); see rn list norms`, func(c *experiments.Config) *string { return &c.Norm })
	text("objective", `objective (default "cdan-e"); see rn list objectives`, func(c *experiments.Config) *string { return &c.Objective })
	number("steps", "training steps (default: the recipe's)", func(c *experiments.Config) *int { return &c.Steps })
	number("batch-size", "images of each domain in a step (default: the recipe's)", func(c *experiments.Config) *int { return &c.BatchSize })
	number("eval-every", "steps between evaluations (default: the recipe's)", func(c *experiments.Config) *int { return &c.EvalEvery })
	number("train-limit", "first training images of each domain, 0 for all (default: the recipe's)", func(c *experiments.Config) *int { return &c.TrainLimit })
	real("lr", "learning rate (default: the recipe's)", func(c *experiments.Config) *float64 { return &c.Optimizer.LearningRate })
	number("random-dim", "width of CDAN's randomized map, 0 for the outer product", func(c *experiments.Config) *int { return &c.ObjectiveOptions.RandomDim })
	text("distance", `RN: comparison of statistics, l2, l1, dot or cosine (default "l2")`, func(c *experiments.Config) *string { return (*string)(&c.NormOptions.Distance) })
	number("group-size", "RN: adjacent channels compared as one, 0 for the paper's", func(c *experiments.Config) *int { return &c.NormOptions.GroupSize })
	real("gate-min", "RN: lower end of the gates' range (default 0.5)", func(c *experiments.Config) *float64 { return &c.NormOptions.GateMin })
	real("own-share", "RN: share of own statistics without aggregation (default 0.5)", func(c *experiments.Config) *float64 { return &c.NormOptions.OwnShare })
	for name, usage := range map[string]string{"no-compensation": "RN: the same channel of the other domain instead of RC", "no-aggregation": "RN: a fixed share instead of RA's gates"} {
		v := flags.Bool(name, false, usage)
		f.set[name] = func(c *experiments.Config) {
			if name == "no-compensation" {
				c.NormOptions.Compensate = !*v
			} else {
				c.NormOptions.Aggregate = !*v
			}
		}
	}
	seed := flags.Int64("seed", 0, "seed of initial weights, batches and dropout")
	f.set["seed"] = func(c *experiments.Config) { c.Seed = *seed }
	if err := completions(cmd); err != nil {
		panic(err) // a flag above that does not exist
	}
	return f
}

// completions offers the registries' names to the shell.
func completions(cmd *cobra.Command) error {
	names := make(map[string][]string)
	for _, i := range items() {
		names[i.Kind] = append(names[i.Kind], i.Name+"\t"+i.Summary)
	}
	var errs []error
	for flag, kind := range map[string]string{"recipe": "recipes", "norm": "norms", "objective": "objectives", "source": "datasets", "target": "datasets"} {
		errs = append(errs, cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(names[kind], cobra.ShellCompDirectiveNoFileComp)))
	}
	return errors.Join(errs...)
}

// config is the recipe's configuration with the flags that were given.
func (f *configFlags) config() (experiments.Config, error) {
	c, err := experiments.Default(f.recipe)
	if err != nil {
		return c, usageError{err}
	}
	f.flags.Visit(func(flag *pflag.Flag) {
		if set := f.set[flag.Name]; set != nil {
			set(&c)
		}
	})
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// evaluationFlag is a flag with the statistics of inference.
type evaluationFlag struct{ rnlayer.Evaluation }

func (f *evaluationFlag) Set(s string) error { return f.UnmarshalText([]byte(s)) }
func (f *evaluationFlag) Type() string       { return "statistics" }
