package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
)

// runFlags are the flags of a command about the network of one run.
type runFlags struct {
	env  environment.Environment
	id   string
	best bool
}

// addRunFlags adds them.
func addRunFlags(cmd *cobra.Command) *runFlags {
	f := &runFlags{}
	addEnvironmentFlags(cmd, &f.env)
	cmd.Flags().StringVar(&f.id, "run", "", "id of the run, as in results.jsonl")
	cmd.Flags().BoolVar(&f.best, "best", false, "the label-free choice instead of the last checkpoint")
	return f
}

// check reports that no run was given.
func (f *runFlags) check() error {
	if f.id == "" {
		return usageError{fmt.Errorf("--run is missing: the id of a run in %s/%s", f.env.Out, record.ResultsFile)}
	}
	return nil
}

// open opens the run's network.
func (f *runFlags) open(cmd *cobra.Command) (*experiments.Saved, error) {
	newBar(cmd.ErrOrStderr(), 0).watch(&f.env)
	which := checkpoint.Latest
	if f.best {
		which = checkpoint.Best
	}
	return experiments.OpenSaved(cmd.Context(), f.id, which, f.env)
}
