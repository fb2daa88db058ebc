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

// reuseText is the help about stored runs, for commands with the flags of
// [addReuseFlags].
const reuseText = `Stored runs are reused and interrupted runs continue if configuration, data, weights, code version, kind of
backend and number of devices are the same. To continue after Ctrl-C, which finishes the current steps and
saves, or after a kill, repeat the command. --any-version also reuses runs of other code versions.`

// addReuseFlags adds the flags of commands that reuse stored runs and do the missing
// ones.
func addReuseFlags(cmd *cobra.Command, o *runs.Options) {
	addEnvironmentFlags(cmd, &o.Environment)
	addDevicesFlag(cmd, &o.Environment.Devices)
	addSaveEveryFlag(cmd, &o.Environment)
	cmd.Flags().IntVar(&o.Parallel, "jobs", 1, "runs at a time; each one uses all cores, so more than one helps only small networks")
	cmd.Flags().BoolVar(&o.AnyVersion, "any-version", false, "reuse results of other versions of the code; the table names the versions")
}

// checkReuse checks the flags against the configurations to run.
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

// runMissing returns the results of configurations. It reuses the stored results that
// runs.Do accepts and does the other runs.
func runMissing(cmd *cobra.Command, configs []config.Config, o runs.Options) ([]record.Result, error) {
	if err := checkReuse(o, configs...); err != nil {
		return nil, err
	}
	jobs := make([]runs.Job, len(configs))
	for i, c := range configs {
		jobs[i] = runs.Job{Name: runName(c), Config: c}
	}
	view := watchRuns(cmd.ErrOrStderr(), &o)
	results, err := runs.Do(cmd.Context(), jobs, o)
	view.finish()
	return results, sayHowToContinue(err)
}

// sayHowToContinue adds to the error of an interruption how to continue.
func sayHowToContinue(err error) error {
	if errors.Is(err, experiments.ErrInterrupted) {
		return fmt.Errorf("%w: repeat the command to continue", err)
	}
	return err
}

// versionNote is the line below a table that names the other versions of the code that
// made some of its results. It is empty if there are none.
func versionNote(results []record.Result, env environment.Environment) string {
	if note := runs.VersionNote(results, env.CodeVersion()); note != "" {
		return "\n" + note + "\n"
	}
	return ""
}
