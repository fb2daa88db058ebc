package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
)

// runFlags are the flags of a command that uses the network of one run.
type runFlags struct {
	env   environment.Environment
	id    string
	which checkpointFlag
}

// addRunFlags adds --run and --best. The command adds the flags of env itself, last.
func addRunFlags(cmd *cobra.Command) *runFlags {
	f := &runFlags{}
	cmd.Flags().StringVar(&f.id, "run", "", "run `ID`, as in results.jsonl, or its first digits")
	complete(cmd, "run", completeRuns)
	f.which.add(cmd)
	return f
}

// check returns an error if no run is named.
func (f *runFlags) check() error {
	if f.id == "" {
		return missingFlag("run", fmt.Sprintf("the id of a run in %s/%s", f.env.Out, record.ResultsFile))
	}
	return nil
}

// open opens the run's network.
func (f *runFlags) open(cmd *cobra.Command) (*experiments.Saved, error) {
	newBar(cmd.ErrOrStderr(), 0).watch(&f.env)
	id, err := fullRunID(f.env.Out, f.id)
	if err != nil {
		return nil, err
	}
	f.id = id
	return experiments.OpenSaved(cmd.Context(), f.id, f.which.value(), f.env)
}

// checkpointFlag is --best.
type checkpointFlag struct{ best bool }

// add adds the flag.
func (f *checkpointFlag) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.best, "best", false, "use the checkpoint that InfoMax chose without labels, not the last one")
}

// value is the chosen checkpoint.
func (f checkpointFlag) value() checkpoint.Which {
	if f.best {
		return checkpoint.Best
	}
	return checkpoint.Latest
}

// addRunsFlag adds --run for commands that use several runs.
func addRunsFlag(cmd *cobra.Command, ids *[]string, usage string) {
	cmd.Flags().StringSliceVar(ids, "run", nil, usage)
	complete(cmd, "run", completeRuns)
}

// addChoiceFlag adds --choice.
func addChoiceFlag(cmd *cobra.Command, choice *string, usage string) {
	names := registry.Names(record.Choices(), func(c record.Choice) string { return c.Name })
	cmd.Flags().StringVar(choice, "choice", names[0], usage+": "+strings.Join(names, ", "))
	completeWith(cmd, "choice", names)
}

// addJSONFlag adds --json. what describes the lines that it prints.
func addJSONFlag(cmd *cobra.Command, asJSON *bool, what string) {
	cmd.Flags().BoolVar(asJSON, "json", false, "print JSON, "+what)
}

// runName names a run for people.
func runName(c config.Config) string {
	return fmt.Sprintf("%s → %s, %s, %s, seed %d", c.Source, c.Target, c.Objective, c.Norm, c.Seed)
}
