package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
)

// addReuseFlags adds the flags of commands that do the runs that are missing.
func addReuseFlags(cmd *cobra.Command, o *runs.Options) {
	addEnvironmentFlags(cmd, &o.Environment)
	addDevicesFlag(cmd, &o.Environment)
	addSaveEveryFlag(cmd, &o.Environment)
	cmd.Flags().IntVar(&o.Parallel, "jobs", 1, "runs at a time; each has XLA's threads for every core, so more than one pays off for small networks only")
	cmd.Flags().BoolVar(&o.AnyVersion, "any-version", false, "reuse results of other versions of the code, and name the versions")
}

// checkReuse checks the flags for the configurations that will be run.
func checkReuse(o runs.Options, configs ...config.Config) error {
	if o.Parallel < 1 {
		return usageError{fmt.Errorf("--jobs %d: want at least 1", o.Parallel)}
	}
	for _, c := range configs {
		if err := o.Environment.CheckDevices(c); err != nil {
			return usageError{err}
		}
	}
	return checkSaving(o.Environment)
}

// runMissing returns the results of configurations. It reuses the stored ones that
// count and does the other runs.
func runMissing(cmd *cobra.Command, configs []config.Config, o runs.Options) ([]record.Result, error) {
	if err := checkReuse(o, configs...); err != nil {
		return nil, err
	}
	jobs := make([]runs.Job, len(configs))
	for i, c := range configs {
		jobs[i] = runs.Job{Name: fmt.Sprintf("%s → %s, %s, %s, seed %d", c.Source, c.Target, c.Objective, c.Norm, c.Seed), Config: c}
	}
	view := watchRuns(cmd.ErrOrStderr(), &o)
	results, err := runs.Do(cmd.Context(), jobs, o)
	view.finish()
	return results, sayHowToGoOn(err)
}

// sayHowToGoOn adds to the error of an interruption how the runs are continued.
func sayHowToGoOn(err error) error {
	if errors.Is(err, experiments.ErrInterrupted) {
		return fmt.Errorf("%w: go on with the same command", err)
	}
	return err
}

// versionNote is a line for below a table about results that other versions of the
// code made.
func versionNote(results []record.Result, env environment.Environment) string {
	if note := runs.VersionNote(results, env.CodeVersion()); note != "" {
		return "\n" + note + "\n"
	}
	return ""
}
