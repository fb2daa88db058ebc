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
	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
)

// newDemo returns `rn demo`.
func newDemo() *cobra.Command {
	var o runs.Options
	g := grid{Recipe: "digits", Tasks: [][2]string{{"mnist", "uci"}}, Objectives: []string{"cdan-e"}, Norms: []string{"bn", "ds", "rn"}}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Compare BN, domain-specific statistics and RN on digits",
		Long: `Trains BN, domain-specific statistics (DS) and RN with CDAN+E on MNIST → UCI digits, and on USPS → MNIST if
the USPS files are there. Prints a table of target accuracies and draws figures into pictures in the output
folder.

` + reuseText,
		Example: `  rn demo
  rn demo --seeds 3 --jobs 2 --out out/demo`,
		Args: noArgs,
	}
	addGridFlags(cmd, &g, 1)
	addReuseFlags(cmd, &o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := g.check(); err != nil {
			return err
		}
		if _, err := g.configs(); err != nil { // before it fetches data
			return usageError{err}
		}
		usps, err := digits.Lookup("usps")
		if err != nil {
			return err
		}
		if _, err := usps.Load(cmd.Context(), digits.Options{Root: o.Environment.Root}); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "skipping USPS → MNIST: %v\n", err)
		} else {
			g.Tasks = append(g.Tasks, [2]string{"usps", "mnist"})
		}
		results, err := g.runMissing(cmd, o)
		if err != nil {
			return err
		}
		if err := writeTable(cmd.OutOrStdout(), ablations.Groups(results)); err != nil {
			return err
		}
		if _, err := io.WriteString(cmd.OutOrStdout(), versionNote(results, o.Environment)); err != nil {
			return err
		}
		newBar(cmd.ErrOrStderr(), 0).watch(&o.Environment)
		pictures, err := savePictures(cmd.Context(), results, o.Environment)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "results: %s\npictures: %s\n", filepath.Join(o.Environment.Out, record.ResultsFile), pictures)
		return nil
	}
	return cmd
}

// writeTable prints groups as a Markdown table of target accuracies in percent.
func writeTable(w io.Writer, groups []ablations.Group) error {
	header := []string{"task", "objective", "norm"}
	for _, c := range record.Choices() {
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
		first := g.First()
		norm := first.Norm
		if a := first.Config.Activations; !a.IsZero() {
			norm += ", " + a.String()
		}
		line := []string{first.Source + " → " + first.Target, first.Objective, norm}
		for _, c := range record.Choices() {
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
