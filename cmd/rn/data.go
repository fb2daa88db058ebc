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
		Short: "List photo benchmarks and check your copy of one",
	}
	holdCommands(cmd)
	cmd.AddCommand(newDataList(), newDataCheck())
	return cmd
}

// newDataList returns `rn data list`.
func newDataList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the photo benchmarks with their classes, tasks and domains",
		Example: "  rn data list\n  rn data list --json",
		Args:    noArgs,
	}
	addJSONFlag(cmd, &asJSON, "one line per benchmark")
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
		Long: `Decodes every photograph of every domain of a benchmark and reports problems, with exit code 1: missing
domains, missing or unreadable files, classes that differ between domains, and numbers of photographs that
differ from the papers. Files of other formats, repeated photographs, and domains of equal photographs are
warnings. HEIC and AVIF files are not read: convert them to JPEG or PNG.`,
		Example: `  rn data check office-31 --root ~/office31
  rn data check image-clef --root ~/image_CLEF --lists ~/image_CLEF/list --json
  rn data check custom --root ~/photos`,
		ValidArgs: names,
		Args:      oneArg(oneOf("benchmark", names)),
	}
	cmd.Flags().StringVar(&location.Root, "root", "", "`DIR` of the photographs")
	cmd.Flags().StringVar(&location.Lists, "lists", "", "`DIR` of list files with paths relative to --root (default: list files or class folders in --root)")
	addDecodeMemoryFlag(cmd)
	addJSONFlag(cmd, &asJSON, "one line that names every file with a problem")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b, err := photobench.Lookup(args[0])
		if err != nil {
			return usageError{err}
		}
		if location.Root == "" {
			return missingFlag("root", "the folder of the photographs of "+b.Name)
		}
		bar := newBar(cmd.ErrOrStderr(), 0)
		location.Progress = bar.preparing
		report, err := b.Check(cmd.Context(), location, func(done, total int) { bar.preparing("photographs of "+b.Name, done, total) })
		if err != nil {
			return err
		}
		if err := writeReport(cmd.OutOrStdout(), report, asJSON); err != nil {
			return err
		}
		if !report.OK() {
			return errReported
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
