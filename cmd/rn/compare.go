package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
)

// grid is a set of runs: every norm with every objective on every task with every seed.
type grid struct {
	Recipe, Features  string
	Tasks             [][2]string // source, target
	Objectives, Norms []string
	Seeds             int
	// edit changes each configuration.
	edit func(config.Config) (config.Config, error)
}

// configs lists the configurations of the runs, seed by seed.
func (g grid) configs() ([]config.Config, error) {
	var configs []config.Config
	for seed := range g.Seeds {
		for _, task := range g.Tasks {
			for _, objective := range g.Objectives {
				for _, norm := range g.Norms {
					c, err := config.Task{Recipe: g.Recipe, Source: task[0], Target: task[1], Features: g.Features}.Default()
					if err != nil {
						return nil, err
					}
					c.Norm, c.Objective, c.Seed = norm, objective, int64(seed)
					if c, err = g.edit(c); err != nil {
						return nil, err
					}
					if err := c.Validate(); err != nil {
						return nil, err
					}
					configs = append(configs, c)
				}
			}
		}
	}
	if err := checkIdle(configs...); err != nil {
		return nil, err
	}
	for i, c := range configs { // an option of RN does not make other runs of BN
		var err error
		if configs[i], err = c.WithoutIdle(); err != nil {
			return nil, err
		}
	}
	return configs, nil
}

// runMissing returns the results of the runs, see [runMissing].
func (g grid) runMissing(cmd *cobra.Command, o runs.Options) ([]record.Result, error) {
	configs, err := g.configs()
	if err != nil {
		return nil, usageError{err}
	}
	return runMissing(cmd, configs, o)
}

// addGridFlags adds --seeds and the flags of fields that are the same in all runs.
func addGridFlags(cmd *cobra.Command, g *grid, seeds int, shared ...string) {
	cmd.Flags().IntVar(&g.Seeds, "seeds", seeds, "seeds of each row, counted up from 0")
	fields := addFieldFlags(cmd, append([]string{"steps", "batch-size", "activations"}, shared...)...)
	g.edit = func(c config.Config) (config.Config, error) {
		c, err := fields.apply(c)
		if cmd.Flags().Changed("steps") {
			c.EvalEvery = max(1, c.Steps/4)
		}
		return c, err
	}
}

// addNormsFlag adds --norms.
func addNormsFlag(cmd *cobra.Command, norms *[]string, defaults ...string) {
	cmd.Flags().StringSliceVar(norms, "norms", defaults, "norms, `NAMES` from rn list norms")
}

// check checks --seeds.
func (g grid) check() error {
	if g.Seeds < 1 {
		return usageError{fmt.Errorf("--seeds %d: want at least 1", g.Seeds)}
	}
	return nil
}

// newCompare returns `rn compare`.
func newCompare() *cobra.Command {
	var o runs.Options
	var g grid
	var task config.Task
	var tasks []string
	var choice string
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare norms and objectives on several tasks with several seeds",
		Long: `Trains every norm with every objective on every task with every seed. Prints a table of target accuracies:
a row for each task and objective, a column for each norm.

` + reuseText,
		Example: `  rn compare --recipe office-caltech10 --root ~/office-caltech10 --tasks amazon:caltech10,dslr:amazon
  rn compare --recipe digits --tasks usps:mnist --objectives cdan-e,dann --norms bn,rn --seeds 5`,
		Args: noArgs,
	}
	addRecipeFlags(cmd, &task, "office-caltech10")
	cmd.Flags().StringSliceVar(&tasks, "tasks", nil, "tasks, `SOURCE:TARGET` each (default: the recipe's first)")
	cmd.Flags().StringSliceVar(&g.Objectives, "objectives", []string{"source-only", "entropy", "cdan-e"}, "objectives, `NAMES` from rn list objectives")
	addNormsFlag(cmd, &g.Norms, "bn", "dsbn", "rn")
	addGridFlags(cmd, &g, 3, "resize", "crop", "backbone", "weights")
	addChoiceFlag(cmd, &choice, "checkpoint to compare, chosen by `RULE`")
	addReuseFlags(cmd, &o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := g.check(); err != nil {
			return err
		}
		chosen, err := record.LookupChoice(choice)
		if err != nil {
			return usageError{err}
		}
		g.Recipe, g.Features, g.Tasks = task.Recipe, task.Features, nil
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
		results, err := g.runMissing(cmd, o)
		if err != nil {
			return err
		}
		if err := writeComparison(cmd.OutOrStdout(), ablations.Groups(results), chosen); err != nil {
			return err
		}
		_, err = io.WriteString(cmd.OutOrStdout(), versionNote(results, o.Environment))
		return err
	}
	return cmd
}

// writeComparison prints a Markdown table of target accuracies at a choice of the
// checkpoint, in percent, with a column for each norm.
func writeComparison(w io.Writer, groups []ablations.Group, choice record.Choice) error {
	var norms, keys []string
	cells := make(map[string]map[string]string) // by row and norm
	for _, g := range groups {
		r := g.First()
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
