package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
)

// ablateFlags are the flags of which runs a suite has and how they are done.
type ablateFlags struct {
	config   *configFlags
	seeds    int
	variants []string
}

// addAblateFlags adds them with those of the configuration.
func addAblateFlags(cmd *cobra.Command, o *ablations.Options) *ablateFlags {
	f := &ablateFlags{config: addConfigFlags(cmd)}
	addEnvironmentFlags(cmd, &o.Environment)
	addDevicesFlag(cmd, &o.Environment)
	cmd.Flags().IntVar(&o.Environment.SaveEvery, "save-every", defaultSaveEvery, "steps between checkpoints, beside those at evaluations; 0 for none")
	cmd.Flags().IntVar(&o.Jobs, "jobs", 1, "runs at a time; each has XLA's threads for all cores, so that more are worth it for small networks alone")
	cmd.Flags().BoolVar(&o.AnyVersion, "any-version", false, "take results of other versions of the code for done")
	cmd.Flags().BoolVar(&o.Rerun, "rerun", false, "do the runs again that other versions of the code have results of")
	cmd.Flags().IntVar(&f.seeds, "seeds", 3, "seeds of each variant, from --seed on")
	cmd.Flags().StringSliceVar(&f.variants, "variants", nil, "some variants of the suite (default: all); see rn ablate list")
	variants := func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) { // of the suite and flags given so far
		if len(args) != 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		plan, err := f.plan(args[0], nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return names(plan.Rows, func(r ablations.Row) string { return r.Name + "\t" + r.Summary }), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc("variants", variants); err != nil {
		panic(err) // a flag above that does not exist
	}
	cmd.ValidArgs = suiteNames()
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("%s wants one suite of %s, got %d arguments", cmd.Name(), strings.Join(suiteNames(), ", "), len(args))}
		}
		return nil
	}
	return f
}

// plan is the runs of a suite with the flags; the network's weights are resolved
// if resolve is not nil.
func (f *ablateFlags) plan(name string, resolve func(experiments.Config) (experiments.Config, error)) (ablations.Plan, error) {
	suite, err := ablations.Lookup(name)
	if err != nil {
		return ablations.Plan{}, usageError{err}
	}
	c, err := f.config.config()
	if err != nil {
		return ablations.Plan{}, err
	}
	if resolve != nil {
		if c, err = resolve(c); err != nil {
			return ablations.Plan{}, err
		}
	}
	plan, err := suite.Plan(c, f.seeds, f.variants...)
	if err != nil {
		return plan, usageError{err}
	}
	return plan, nil
}

// suiteNames are those of the registry.
func suiteNames() []string {
	return names(ablations.All(), func(s ablations.Suite) string { return s.Name })
}

// newAblate is `rn ablate`.
func newAblate() *cobra.Command {
	var o ablations.Options
	var shard string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ablate SUITE",
		Short: "Run the variants of a suite that are missing, and compare them",
		Long: `Trains every variant of a suite, named edits of one field of the configuration that the flags
describe, with every seed, and prints how they compare. What is in the folder already is not
repeated: after Ctrl-C, which finishes the steps at hand and saves, and after a kill, the same command
goes on. Each run is a line of DIR/results.jsonl.

A run is known by its configuration and by the version of the code. Results of another version are
refused, unless --any-version takes them for done or --rerun does the runs again.

With --shard, or in a Slurm array or an indexed job of Kubernetes, a part of the runs is done, and
written to a file of its own, DIR/results-INDEX-of-COUNT.jsonl. rn ablate submit writes such jobs;
rn ablate table reads any number of files.`,
		Example: `  rn ablate components --recipe digits --source mnist --target usps --seeds 3 --out out/components
  rn ablate gate-range --source usps --target mnist --jobs 2 --out out/gates
  rn ablate norms --recipe office-caltech10 --root ../shared/data/office-caltech10 --out out/norms --shard 1/4
  rn ablate table --out out/components --format latex`,
	}
	flags := addAblateFlags(cmd, &o)
	cmd.Flags().StringVar(&shard, "shard", "", "INDEX/COUNT: do this part of the runs (default: the scheduler's, or all)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each result as a line of JSON when it is there, and no table")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case o.Jobs < 1:
			return usageError{fmt.Errorf("--jobs %d: want at least 1", o.Jobs)}
		case o.AnyVersion && o.Rerun:
			return usageError{errors.New("--any-version and --rerun exclude each other")}
		}
		out := cmd.ErrOrStderr()
		o.Environment.Log = out
		part, err := shardOf(shard, out)
		if err != nil {
			return usageError{err}
		}
		plan, err := flags.plan(args[0], func(c experiments.Config) (experiments.Config, error) { return c.Resolve(cmd.Context(), o.Environment) })
		if err != nil {
			return err
		}
		for _, l := range plan.LeftOut {
			fmt.Fprintf(out, "%s is left out: %v\n", l.Variant.Name, l.Reason)
		}
		for _, j := range plan.Jobs(part) {
			if err := o.Environment.CheckDevices(j.Config); err != nil {
				return usageError{err}
			}
		}
		view := newAblateView(out)
		o.Shard, o.Progress, o.Warn = part, view.update, view.warn
		var unwritten error
		if asJSON {
			o.Done = func(r ablations.Record) {
				unwritten = errors.Join(unwritten, json.NewEncoder(cmd.OutOrStdout()).Encode(r))
			}
		}
		if version := experiments.GitCommit(); strings.HasSuffix(version, "-dirty") || version == "unknown" {
			fmt.Fprintf(out, "the code's version is %s: results of other such builds cannot be told from these\n", version)
		}
		err = plan.Run(cmd.Context(), o)
		view.finish()
		var version ablations.OtherVersionError
		switch {
		case errors.As(err, &version):
			return fmt.Errorf("%w: --any-version takes them for done, --rerun does them again, another --out leaves them alone", err)
		case errors.Is(err, experiments.ErrInterrupted):
			return fmt.Errorf("%w: go on with the same command", err)
		case err != nil || asJSON:
			return errors.Join(err, unwritten)
		}
		if part.Count > 1 {
			fmt.Fprintf(out, "shard %s is done; rn ablate table --out %s compares what is there\n", part, o.Environment.Out)
			return nil
		}
		t := tableFlags{out: o.Environment.Out, suite: args[0], format: "terminal", choice: "last", anyVersion: o.AnyVersion}
		if !o.AnyVersion {
			t.version = experiments.GitCommit()
		}
		return t.write(cmd)
	}
	cmd.AddCommand(newAblateTable(), newAblateSubmit(), newAblateList())
	return cmd
}

// shardOf is the shard of a flag, or of the scheduler, which is said.
func shardOf(flag string, out io.Writer) (ablations.Shard, error) {
	if flag != "" {
		s, err := ablations.ParseShard(flag)
		if err != nil {
			return s, fmt.Errorf("--shard: %w", err)
		}
		return s, nil
	}
	s, from, err := ablations.ShardFromEnvironment(os.Getenv)
	if err == nil && from != "" {
		fmt.Fprintf(out, "shard %s, from $%s\n", s, from)
	}
	return s, err
}
