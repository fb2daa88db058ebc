package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/training"
)

// ablateFlags are the flags that choose the runs of a suite.
type ablateFlags struct {
	config   *configFlags
	seeds    int
	variants []string
}

// addAblateFlags adds the flags of a suite, its configuration and its runs.
func addAblateFlags(cmd *cobra.Command, o *ablations.Options) *ablateFlags {
	f := &ablateFlags{}
	cmd.Flags().StringSliceVar(&f.variants, "variants", nil, "only these variants, `NAMES` from rn ablate list (default: all)")
	cmd.Flags().IntVar(&f.seeds, "seeds", 3, "seeds of each variant, counted up from --seed")
	f.config = addConfigFlags(cmd)
	addReuseFlags(cmd, &o.Options)
	complete(cmd, "variants", f.completeVariants)
	cmd.ValidArgs = suiteNames()
	cmd.Args = oneArg(oneOf("suite", suiteNames()))
	return f
}

// completeVariants offers the variants of the suite and configuration that are given so
// far.
func (f *ablateFlags) completeVariants(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	plan, err := f.plan(args[0], nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return registry.Names(plan.Rows, func(r ablations.Row) string { return r.Name + "\t" + r.Summary }), cobra.ShellCompDirectiveNoFileComp
}

// plan plans the runs that the flags choose. resolve, unless it is nil, replaces the
// weights "auto" by a name.
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
	var configs []config.Config
	for _, row := range plan.Rows {
		configs = append(configs, row.Config)
	}
	return plan, checkIdle(configs...)
}

// suiteNames lists the suites.
func suiteNames() []string {
	return registry.Names(ablations.All(), func(s ablations.Suite) string { return s.Name })
}

// newAblate returns `rn ablate`.
func newAblate() *cobra.Command {
	var o ablations.Options
	var shard string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ablate SUITE",
		Short: "Train the variants of a suite with several seeds and compare them",
		Long: `Trains every variant of a suite with every seed and prints a table that compares them. A variant is a
named edit of one field of the configuration. rn ablate list shows the suites and their variants. Each run
adds a line to results.jsonl in the output folder.

` + reuseText + `

With --shard, in a Slurm array, or in an indexed Kubernetes job, each process does a part of the runs and
writes a file of its own, results-INDEX-of-COUNT.jsonl. rn ablate submit writes the job file, and rn ablate
table compares the results of all files.`,
		Example: `  rn ablate components --recipe digits --source mnist --target usps --seeds 3 --out out/components
  rn ablate gate-range --source usps --target mnist --jobs 2 --out out/gates
  rn ablate norms --recipe office-caltech10 --root ~/office-caltech10 --out out/norms --shard 1/4`,
	}
	flags := addAblateFlags(cmd, &o)
	cmd.Flags().StringVar(&shard, "shard", "", "do part `INDEX/COUNT` of the runs (default: the scheduler's, else all)")
	addJSONFlag(cmd, &asJSON, "one line per run as soon as it ends, instead of the table")
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
			fmt.Fprintf(out, "skipping %s: %v\n", l.Variant.Name, l.Reason)
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
		if err := errors.Join(sayHowToContinue(err), unwritten); err != nil || asJSON {
			return err
		}
		if part.Count > 1 {
			fmt.Fprintf(out, "shard %s is done: rn ablate table --out %s compares the results so far\n", part, o.Environment.Out)
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

// shardOf returns the shard of the flag or else of the scheduler, which it reports to
// out.
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
