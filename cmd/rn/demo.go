package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/data/digits"
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
	addDevicesFlag(cmd, &env)
	cmd.Flags().IntVar(&seeds, "seeds", 1, "seeds a row")
	cmd.Flags().IntVar(&steps, "steps", 0, "training steps (default: the recipe's)")
	activations := addActivationsFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if seeds < 1 || steps < 0 {
			return usageError{fmt.Errorf("--seeds %d, --steps %d: want at least 1 seed and no negative steps", seeds, steps)}
		}
		g := grid{
			Recipe: "digits", Tasks: [][2]string{{"mnist", "uci"}}, Objectives: []string{"cdan-e"}, Norms: []string{"bn", "ds", "rn"},
			Seeds: seeds, Steps: steps, Activations: *activations,
		}
		if err := g.Activations.Validate(); err != nil {
			return usageError{err}
		}
		usps, err := digits.Lookup("usps")
		if err != nil {
			return err
		}
		if _, err := usps.Load(cmd.Context(), digits.Options{Root: experiments.DatasetRoot(env.Data, usps.Name)}); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "USPS → MNIST is left out: %v\n", err)
		} else {
			g.Tasks = append(g.Tasks, [2]string{"usps", "mnist"})
		}
		configs, err := g.configs()
		if err != nil {
			return err
		}
		results, err := runMissing(cmd, configs, env)
		if err != nil {
			return err
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
		norm := first.Norm
		if a := first.Config.Activations; !a.IsZero() {
			norm += ", " + a.String()
		}
		line := []string{first.Source + " → " + first.Target, first.Objective, norm}
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
