package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// configFlags are the flags of one configuration: its task, and fields that replace the
// recipe's defaults.
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
	flags.StringVar(&f.task.Source, "source", "", "source `DOMAIN` (default: the recipe's)")
	flags.StringVar(&f.task.Target, "target", "", "target `DOMAIN` (default: the recipe's)")
	f.edits = addFieldFlags(cmd)
	completeConfig(cmd)
	return f
}

// addRecipeFlags adds --recipe and --features.
func addRecipeFlags(cmd *cobra.Command, task *config.Task, recipe string) {
	cmd.Flags().StringVar(&task.Recipe, "recipe", recipe, "benchmark with its default settings, a `NAME` from rn list recipes")
	cmd.Flags().StringVar(&task.Features, "features", "", "photographs: backbone `FEATURES`: finetuned, or frozen, which are computed once (default: the recipe's)")
}

// config returns the recipe's configuration with the fields of the given flags.
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

// completeConfig offers the values of a configuration's flags to the shell.
func completeConfig(cmd *cobra.Command) {
	completeWith(cmd, "recipe", listed("recipes"))
	completeWith(cmd, "norm", listed("norms"))
	completeWith(cmd, "objective", listed("objectives"))
	completeWith(cmd, "features", []string{config.FeaturesFinetuned, config.FeaturesFrozen})
	completeWith(cmd, "activations", registry.Names(backbone.AllActivations(), backbone.Activations.String))
	for _, flag := range []string{"source", "target"} {
		complete(cmd, flag, completeDomains)
	}
}

// completeDomains offers the domains of the recipe that is given so far.
func completeDomains(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
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
