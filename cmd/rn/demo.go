package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/dataset"
)

// newDemo is `rn demo`.
func newDemo() *cobra.Command {
	var env experiments.Environment
	var seeds int
	var steps int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Compare BN, domain-specific statistics and RN on real digits with CDAN+E",
		Long: `Trains BN, domain-specific statistics and RN with CDAN+E on MNIST → UCI digits and, where USPS is
at hand, on USPS → MNIST, and prints the table. Runs that are in the output folder already
are not repeated.`,
		Args: noArgs,
	}
	addEnvironmentFlags(cmd, &env)
	cmd.Flags().IntVar(&seeds, "seeds", 1, "seeds a row")
	cmd.Flags().IntVar(&steps, "steps", 0, "training steps (default: the recipe's)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if seeds < 1 || steps < 0 {
			return usageError{fmt.Errorf("--seeds %d, --steps %d: want at least 1 seed and no negative steps", seeds, steps)}
		}
		pairs := [][2]string{{"mnist", "uci"}}
		usps, err := dataset.Lookup("usps")
		if err != nil {
			return err
		}
		if _, err := usps.Load(cmd.Context(), dataset.Options{Root: experiments.DatasetRoot(env.Data, usps.Name)}); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "USPS → MNIST is left out: %v\n", err)
		} else {
			pairs = append(pairs, [2]string{"usps", "mnist"})
		}
		if err := os.MkdirAll(env.Out, 0o755); err != nil {
			return fmt.Errorf("output folder: %w", err)
		}
		have := make(map[string]experiments.Result)
		old, err := experiments.ReadResults(env.Out)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(cmd.ErrOrStderr(), "rn: %v\n", err) // the runs of good lines are still not repeated
		}
		for _, r := range old {
			have[r.ID] = r
		}
		var results []experiments.Result
		for seed := range seeds {
			for _, pair := range pairs {
				for _, norm := range []string{"bn", "ds", "rn"} {
					c, err := experiments.Default("digits")
					if err != nil {
						return err
					}
					c.Source, c.Target, c.Norm, c.Objective, c.Seed = pair[0], pair[1], norm, "cdan-e", int64(seed)
					if steps > 0 {
						c.Steps, c.EvalEvery = steps, max(1, steps/4)
					}
					r, done := have[c.ID()]
					if !done {
						fmt.Fprintf(cmd.ErrOrStderr(), "%s → %s, CDAN+E, %s, seed %d\n", c.Source, c.Target, c.Norm, c.Seed)
						bar := newBar(cmd.ErrOrStderr(), c.Steps)
						one := env
						bar.watch(&one)
						one.Resume, one.SaveEvery = true, defaultSaveEvery
						r, err = experiments.Run(cmd.Context(), c, one)
						bar.finish()
						if err != nil {
							if errors.Is(err, experiments.ErrInterrupted) {
								return fmt.Errorf("%w: go on with the same command", err)
							}
							return err
						}
					}
					results = append(results, r)
				}
			}
		}
		if err := writeTable(cmd.OutOrStdout(), ablations.Groups(results)); err != nil {
			return err
		}
		pictures, err := savePictures(cmd.Context(), results, env)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "results: %s\npictures: %s\n", filepath.Join(env.Out, experiments.ResultsFile), pictures)
		return nil
	}
	return cmd
}

// writeTable prints groups as a Markdown table of target accuracies in percent.
func writeTable(w io.Writer, groups []ablations.Group) error {
	header := []string{"task", "objective", "norm"}
	for _, c := range experiments.Choices() {
		name := c.Name
		if c.Oracle {
			name += " (target labels)"
		}
		header = append(header, name)
	}
	header = append(header, "seeds", "seconds a run")
	lines := [][]string{header, slices.Repeat([]string{"---"}, len(header))}
	accuracy := ablations.Metrics()[0]
	for _, g := range groups {
		first := g[g.Seeds()[0]]
		line := []string{first.Source + " → " + first.Target, first.Objective, first.Norm}
		for _, c := range experiments.Choices() {
			line = append(line, g.Summary(accuracy, c).Percent())
		}
		lines = append(lines, append(line, strconv.Itoa(len(g)), strconv.FormatFloat(g.Seconds(), 'f', 0, 64)))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(line, " | ")); err != nil {
			return err
		}
	}
	return nil
}
