package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/study/report"
)

// newReport is `rn report`.
func newReport() *cobra.Command {
	o := report.Options{Command: trainCommand}
	var file string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Make one HTML page of a results folder",
		Long: `Makes one HTML page of DIR/results*.jsonl that needs nothing beside itself: tables, ablations with paired
differences, figures, configurations, what computed the runs, and the command that makes each again.
Where the networks of runs are in DIR/runs, the latest RN run of each task has figures of its layers
and predictions. What the page goes without is said in it and on stderr.`,
		Example: `  rn report --out out --file report.html
  rn report --out out/components --file components.html --title "What RN consists of"
  rn report --out out --run 0123456789ab --root ../shared/data/office-caltech10 --file report.html`,
		Args: noArgs,
	}
	addEnvironmentFlags(cmd, &o.Environment)
	cmd.Flags().StringVar(&file, "file", "", "HTML file to write")
	cmd.Flags().StringVar(&o.Title, "title", "", "title of the page (default: it names the folder)")
	cmd.Flags().StringSliceVar(&o.Runs, "run", nil, "ids of runs whose networks are drawn (default: the latest of RN of each task)")
	cmd.Flags().IntVar(&o.Networks, "networks", 4, "the most networks that are drawn without --run; 0 for none")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if file == "" {
			return usageError{fmt.Errorf("--file is missing: the HTML file to write")}
		}
		if o.Networks < 0 {
			return usageError{fmt.Errorf("--networks %d: want 0 or more", o.Networks)}
		}
		newBar(cmd.ErrOrStderr(), 0).watch(&o.Environment)
		var page bytes.Buffer
		if err := report.Write(cmd.Context(), &page, o); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		return os.WriteFile(file, page.Bytes(), 0o644)
	}
	return cmd
}
