package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// configFlags are the flags of one configuration: the task and the fields that
// differ from the recipe's.
type configFlags struct {
	task  config.Task
	edits *fieldEdits
	flags *pflag.FlagSet
}

// addConfigFlags adds the flags of a configuration.
func addConfigFlags(cmd *cobra.Command) *configFlags {
	flags := cmd.Flags()
	f := &configFlags{flags: flags}
	addRecipeFlags(cmd, &f.task, "digits")
	flags.StringVar(&f.task.Source, "source", "", "source domain (default: the recipe's)")
	flags.StringVar(&f.task.Target, "target", "", "target domain (default: the recipe's)")
	f.edits = addFieldFlags(cmd)
	if err := completions(cmd); err != nil {
		panic(err) // a flag above that does not exist
	}
	return f
}

// addRecipeFlags adds --recipe and --features.
func addRecipeFlags(cmd *cobra.Command, task *config.Task, recipe string) {
	cmd.Flags().StringVar(&task.Recipe, "recipe", recipe, "benchmark with its default settings; see rn list recipes")
	cmd.Flags().StringVar(&task.Features, "features", "", `photographs: "finetuned" trains the backbone too, "frozen" computes its features once (default: the recipe's)`)
}

// config is the recipe's configuration with the flags that were given.
func (f *configFlags) config() (config.Config, error) {
	c, err := f.task.Default()
	if err != nil {
		return c, usageError{err}
	}
	if c, err = f.edits.apply(c); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, usageError{err}
	}
	return c, nil
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
		recipe, err := config.LookupRecipe(name)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return recipe.Domains, cobra.ShellCompDirectiveNoFileComp
	}
	for _, flag := range []string{"source", "target"} {
		errs = append(errs, cmd.RegisterFlagCompletionFunc(flag, domains))
	}
	fixed := map[string][]string{
		"features":    {config.FeaturesFinetuned, config.FeaturesFrozen},
		"activations": namesOf(backbone.AllActivations(), backbone.Activations.String),
	}
	for flag, values := range fixed {
		errs = append(errs, cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	return errors.Join(errs...)
}
