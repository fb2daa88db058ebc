package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/atomicfile"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/study/report"
)

// newReport returns `rn report`.
func newReport() *cobra.Command {
	var o report.Options
	var file string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write an HTML page about all results of a folder",
		Long: `Writes one self-contained HTML page about results*.jsonl in the output folder: tables, ablations with paired
differences, figures, configurations, machines, and the rn train command that repeats each run.

The latest RN run of each task also gets figures of its layers and predictions, if its network is in the
folder runs. The page and stderr say what is missing.`,
		Example: `  rn report --out out --file report.html
  rn report --out out/components --file components.html --title "RN's parts"
  rn report --out out --run 0123456789ab --root ~/office-caltech10 --file report.html`,
		Args: noArgs,
	}
	cmd.Flags().StringVar(&file, "file", "", "HTML `FILE` to write")
	cmd.Flags().StringVar(&o.Title, "title", "", "page title (default: names the folder)")
	addRunsFlag(cmd, &o.Runs, "draw the networks of these runs, `IDS` as in results.jsonl (default: the latest RN run of each task)")
	cmd.Flags().IntVar(&o.Networks, "networks", 4, "most networks to draw without --run; 0 for none")
	addEnvironmentFlags(cmd, &o.Environment)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if file == "" {
			return missingFlag("file", "the HTML file to write")
		}
		if o.Networks < 0 {
			return usageError{fmt.Errorf("--networks %d: want 0 or more", o.Networks)}
		}
		var err error
		if o.Runs, err = fullRunIDs(o.Environment.Out, o.Runs); err != nil {
			return err
		}
		o.Command = func(c config.Config) (string, error) { return trainCommand(c, o.Environment.Images) }
		newBar(cmd.ErrOrStderr(), 0).watch(&o.Environment)
		var page bytes.Buffer
		if err := report.Write(cmd.Context(), &page, o); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return atomicfile.WriteFile(file, page.Bytes())
	}
	return cmd
}
