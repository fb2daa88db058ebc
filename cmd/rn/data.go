package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/data/photobench"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// newData returns `rn data`.
func newData() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "List the photo benchmarks and check your copy of one",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDataList(), newDataCheck())
	return cmd
}

// newDataList returns `rn data list`.
func newDataList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the photo benchmarks: classes, tasks, and domains with their numbers of photographs",
		Args:  noArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON for each")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if asJSON {
			for _, b := range photobench.All() {
				if err := json.NewEncoder(cmd.OutOrStdout()).Encode(b); err != nil {
					return err
				}
			}
			return nil
		}
		return writeBenchmarks(cmd.OutOrStdout())
	}
	return cmd
}

// writeBenchmarks writes the registry as a table.
func writeBenchmarks(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "benchmark\tclasses\ttasks\tdomains")
	for _, b := range photobench.All() {
		if len(b.Domains) == 0 {
			fmt.Fprintf(table, "%s\tany\tany\tany: %s\n", b.Name, b.Summary)
			continue
		}
		domains := make([]string, len(b.Domains))
		for i, d := range b.Domains {
			domains[i] = fmt.Sprintf("%s %d", d.Name, d.Count)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", b.Name, b.Classes, len(b.Tasks), strings.Join(domains, ", "))
	}
	return table.Flush()
}

// newDataCheck returns `rn data check`.
func newDataCheck() *cobra.Command {
	var asJSON bool
	var location photobench.Location
	names := registry.Names(photobench.All(), func(b photobench.Benchmark) string { return b.Name })
	cmd := &cobra.Command{
		Use:   "check NAME",
		Short: "Check every photograph of a benchmark",
		Long: `Reads and decodes every photograph of every domain of a benchmark and reports problems, with exit
code 1: files that are missing or cannot be decoded, classes that differ between domains, missing
domains, and numbers of photographs that differ from the papers'. Repeated photographs are a warning.`,
		Example: `  rn data check office-31 --root ../office31
  rn data check image-clef --root ../image_CLEF --lists ../lists --json
  rn data check custom --root ../photos`,
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("data check needs one argument, one of %s; got %d", strings.Join(names, ", "), len(args))}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&location.Root, "root", "", "folder of the photographs")
	cmd.Flags().StringVar(&location.Lists, "lists", "", "folder of list files with paths relative to the root (default: list files or class folders in the root)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON that names every file with a problem")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b, err := photobench.Lookup(args[0])
		if err != nil {
			return usageError{err}
		}
		if location.Root == "" {
			return usageError{fmt.Errorf("--root is missing: name the folder of the photographs of %s", b.Name)}
		}
		bar := newBar(cmd.ErrOrStderr(), 0)
		report, err := b.Check(cmd.Context(), location, func(done, total int) { bar.preparing("photographs of "+b.Name, done, total) })
		if err != nil {
			return err
		}
		if err := writeReport(cmd.OutOrStdout(), report, asJSON); err != nil {
			return err
		}
		if !report.OK() {
			return errSaid
		}
		return nil
	}
	return cmd
}

// writeReport writes a report as text or as JSON.
func writeReport(w io.Writer, r photobench.Report, asJSON bool) error {
	if !asJSON {
		return r.Write(w)
	}
	return json.NewEncoder(w).Encode(struct {
		OK bool `json:"ok"`
		photobench.Report
	}{r.OK(), r})
}
