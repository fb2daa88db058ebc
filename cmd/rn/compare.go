package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// grid are runs: every norm with every objective on every task, with several
// seeds.
type grid struct {
	Recipe, Features  string
	Tasks             [][2]string // source, target
	Objectives, Norms []string
	Seeds             int
	Steps             int // 0 for the recipe's
	Activations       backbone.Activations
}

// configs are the runs' configurations, all of a seed before the next.
func (g grid) configs() ([]experiments.Config, error) {
	var configs []experiments.Config
	for seed := range g.Seeds {
		for _, task := range g.Tasks {
			for _, objective := range g.Objectives {
				for _, norm := range g.Norms {
					c, err := experiments.Task{Recipe: g.Recipe, Source: task[0], Target: task[1], Features: g.Features}.Default()
					if err != nil {
						return nil, err
					}
					c.Norm, c.Objective, c.Activations, c.Seed = norm, objective, g.Activations, int64(seed)
					if g.Steps > 0 {
						c.Steps, c.EvalEvery = g.Steps, max(1, g.Steps/4)
					}
					if err := c.Validate(); err != nil {
						return nil, err
					}
					configs = append(configs, c)
				}
			}
		}
	}
	return configs, nil
}

// runMissing makes the runs that are not in the output folder, and returns the
// results of all.
func runMissing(cmd *cobra.Command, configs []experiments.Config, env experiments.Environment) ([]experiments.Result, error) {
	stderr := cmd.ErrOrStderr()
	for _, c := range configs {
		if err := env.CheckDevices(c); err != nil {
			return nil, usageError{err}
		}
	}
	if err := os.MkdirAll(env.Out, 0o755); err != nil {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	have := make(map[string]experiments.Result)
	old, err := experiments.ReadResults(env.Out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(stderr, "rn: %v\n", err) // the runs of good lines are still not repeated
	}
	for _, r := range old {
		have[r.ID] = r
	}
	results := make([]experiments.Result, len(configs))
	for i, c := range configs {
		c, err := c.Resolve(cmd.Context(), env)
		if err != nil {
			return nil, err
		}
		r, done := have[c.ID()]
		if !done {
			fmt.Fprintf(stderr, "run %d of %d: %s → %s, %s, %s, seed %d\n", i+1, len(configs), c.Source, c.Target, c.Objective, c.Norm, c.Seed)
			bar := newBar(stderr, c.Steps)
			one := env
			bar.watch(&one)
			one.Resume, one.SaveEvery = true, defaultSaveEvery
			r, err = experiments.Run(cmd.Context(), c, one)
			bar.finish()
			if errors.Is(err, experiments.ErrInterrupted) {
				return nil, fmt.Errorf("%w: go on with the same command", err)
			}
			if err != nil {
				return nil, err
			}
		}
		results[i] = r
	}
	return results, nil
}

// newCompare is `rn compare`.
func newCompare() *cobra.Command {
	var env experiments.Environment
	var g grid
	var tasks []string
	var choice string
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare norms and objectives on several tasks with several seeds",
		Long: `Trains every norm with every objective on every task and prints target accuracies, at the last step
or at another choice of the checkpoint, a row a task and objective, a column a norm. Runs that are in the output folder already are not
repeated, and one that was interrupted is resumed.`,
		Example: `  rn compare --recipe office-caltech10 --root ../shared/data/office-caltech10 --tasks amazon:caltech10,dslr:amazon
  rn compare --recipe digits --tasks usps:mnist --objectives cdan-e,dann --norms bn,rn --seeds 5`,
		Args: noArgs,
	}
	addEnvironmentFlags(cmd, &env)
	addDevicesFlag(cmd, &env)
	flags := cmd.Flags()
	flags.StringVar(&g.Recipe, "recipe", "office-caltech10", "benchmark; see rn list recipes")
	flags.StringVar(&g.Features, "features", "", `photographs: "finetuned" or "frozen" (default: the recipe's)`)
	flags.StringSliceVar(&tasks, "tasks", nil, "tasks, SOURCE:TARGET each (default: the recipe's first)")
	flags.StringSliceVar(&g.Objectives, "objectives", []string{"source-only", "entropy", "cdan-e"}, "objectives; see rn list objectives")
	flags.StringSliceVar(&g.Norms, "norms", []string{"bn", "dsbn", "rn"}, "norms; see rn list norms")
	flags.StringVar(&choice, "choice", "last", "choice of the checkpoint: "+strings.Join(names(experiments.Choices(), func(c experiments.Choice) string { return c.Name }), ", "))
	flags.IntVar(&g.Seeds, "seeds", 3, "seeds a row")
	flags.IntVar(&g.Steps, "steps", 0, "training steps (default: the recipe's)")
	activations := addActivationsFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if g.Seeds < 1 || g.Steps < 0 {
			return usageError{fmt.Errorf("--seeds %d, --steps %d: want at least 1 seed and no negative steps", g.Seeds, g.Steps)}
		}
		chosen, err := experiments.LookupChoice(choice)
		if err != nil {
			return usageError{err}
		}
		g.Activations, g.Tasks = *activations, nil
		for _, task := range tasks {
			source, target, ok := strings.Cut(task, ":")
			if !ok {
				return usageError{fmt.Errorf("--tasks %s: want SOURCE:TARGET", task)}
			}
			g.Tasks = append(g.Tasks, [2]string{source, target})
		}
		if len(g.Tasks) == 0 {
			g.Tasks = [][2]string{{}}
		}
		configs, err := g.configs()
		if err != nil {
			return usageError{err}
		}
		results, err := runMissing(cmd, configs, env)
		if err != nil {
			return err
		}
		return writeComparison(cmd.OutOrStdout(), ablations.Groups(results), chosen)
	}
	return cmd
}

// writeComparison prints a Markdown table of target accuracies at a choice of the
// checkpoint in percent, with a column a norm.
func writeComparison(w io.Writer, groups []ablations.Group, choice experiments.Choice) error {
	var norms, keys []string
	cells := make(map[string]map[string]string) // by row and norm
	for _, g := range groups {
		r := g[g.Seeds()[0]]
		if !slices.Contains(norms, r.Norm) {
			norms = append(norms, r.Norm)
		}
		key := fmt.Sprintf("| %s → %s | %s |", r.Source, r.Target, r.Objective)
		if cells[key] == nil {
			cells[key] = make(map[string]string)
			keys = append(keys, key)
		}
		cells[key][r.Norm] = g.Summary(ablations.Metrics()[0], choice).Percent()
	}
	if _, err := fmt.Fprintf(w, "| task | objective | %s |\n|---|---|%s\n", strings.Join(norms, " | "), strings.Repeat("---|", len(norms))); err != nil {
		return err
	}
	for _, key := range keys {
		line := key
		for _, norm := range norms {
			line += " " + cells[key][norm] + " |"
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
