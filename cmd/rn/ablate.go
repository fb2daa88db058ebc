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
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/training"
)

// ablateFlags are the flags that select the runs of a suite.
type ablateFlags struct {
	config   *configFlags
	seeds    int
	variants []string
}

// addAblateFlags adds them with the flags of the configuration and of how the runs
// are done.
func addAblateFlags(cmd *cobra.Command, o *ablations.Options) *ablateFlags {
	f := &ablateFlags{config: addConfigFlags(cmd)}
	addReuseFlags(cmd, &o.Options)
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
		return namesOf(plan.Rows, func(r ablations.Row) string { return r.Name + "\t" + r.Summary }), cobra.ShellCompDirectiveNoFileComp
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

// plan is the runs of a suite with the flags. resolve, unless it is nil, names the
// network's weights.
func (f *ablateFlags) plan(name string, resolve func(config.Config) (config.Config, error)) (ablations.Plan, error) {
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

// suiteNames lists the suites.
func suiteNames() []string {
	return namesOf(ablations.All(), func(s ablations.Suite) string { return s.Name })
}

// newAblate is `rn ablate`.
func newAblate() *cobra.Command {
	var o ablations.Options
	var shard string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ablate SUITE",
		Short: "Run the missing variants of a suite and compare them",
		Long: `Trains every variant of a suite with every seed and prints how they compare. A variant is a named edit
of one field of the configuration that the flags describe. Each run is a line of OUT/results.jsonl.

Stored runs are reused and interrupted ones continued, if the configuration, the data, the weights, the
version of the code, the kind of backend and the number of devices are the same: after Ctrl-C, which
finishes the current steps and saves, and after a kill, the same command goes on. With --any-version the
version of the code may differ; the table names the versions.

With --shard, or in a Slurm array or an indexed job of Kubernetes, a process does a part of the runs and
writes a file of its own, OUT/results-INDEX-of-COUNT.jsonl. rn ablate submit writes such jobs; rn ablate
table reads any number of files.`,
		Example: `  rn ablate components --recipe digits --source mnist --target usps --seeds 3 --out out/components
  rn ablate gate-range --source usps --target mnist --jobs 2 --out out/gates
  rn ablate norms --recipe office-caltech10 --root ~/office-caltech10 --out out/norms --shard 1/4
  rn ablate table --out out/components --format latex`,
	}
	flags := addAblateFlags(cmd, &o)
	cmd.Flags().StringVar(&shard, "shard", "", "INDEX/COUNT: do this part of the runs (default: the scheduler's, or all)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each result as a line of JSON when it is there, and no table")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		out := cmd.ErrOrStderr()
		part, err := shardOf(shard, out)
		if err != nil {
			return usageError{err}
		}
		plan, err := flags.plan(args[0], func(c config.Config) (config.Config, error) { return training.ResolveWeights(cmd.Context(), c, out) })
		if err != nil {
			return err
		}
		for _, l := range plan.LeftOut {
			fmt.Fprintf(out, "%s is left out: %v\n", l.Variant.Name, l.Reason)
		}
		var configs []config.Config
		for _, j := range plan.Jobs(part) {
			configs = append(configs, j.Config)
		}
		if err := checkReuse(o.Options, configs...); err != nil {
			return err
		}
		view := watchRuns(out, &o.Options)
		o.Shard = part
		var unwritten error
		if asJSON {
			o.Done = func(r ablations.Record) {
				unwritten = errors.Join(unwritten, json.NewEncoder(cmd.OutOrStdout()).Encode(r))
			}
		}
		err = plan.Run(cmd.Context(), o)
		view.finish()
		if err := errors.Join(sayHowToGoOn(err), unwritten); err != nil || asJSON {
			return err
		}
		if part.Count > 1 {
			fmt.Fprintf(out, "shard %s is done; rn ablate table --out %s compares what is there\n", part, o.Environment.Out)
			return nil
		}
		t := tableFlags{out: o.Environment.Out, suite: args[0], format: "terminal", choice: "last", anyVersion: o.AnyVersion}
		if !o.AnyVersion {
			t.version = o.Environment.CodeVersion()
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
