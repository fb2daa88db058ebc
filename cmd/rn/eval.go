package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// evaluation is a line of `rn eval --json`.
type evaluation struct {
	Run        string `json:"run"`
	Step       int    `json:"step"`
	Domain     string `json:"domain"`
	Statistics string `json:"statistics"`
	Images     int    `json:"images"`
	score.Evaluation
	Confusion [][]int            `json:"confusion"`
	Classes   []score.ClassScore `json:"classes"`
}

// newEval is `rn eval`.
func newEval() *cobra.Command {
	var asJSON bool
	var domain, statistics, perClass, confusion string
	var crops int
	const all = "all"
	known := append(experiments.StatisticsNames(), all)
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Evaluate the network of a run again: other statistics, another domain, ten crops, class by class",
		Long: `Evaluates the network of a run, as its last checkpoint or the label-free choice has it. The same
weights can be evaluated with the running statistics of the target (as in training) or of the
source, with those estimated anew over an epoch of training images (recalibrated), or with those
of each batch; "all" prints them side by side.`,
		Example: `  rn eval --out out --run 0123456789ab --root ../shared/data/office-caltech10
  rn eval --out out --run 0123456789ab --statistics all
  rn eval --out out --run 0123456789ab --crops 10 --per-class classes.csv --confusion confusion.csv
  rn eval --out out --run 0123456789ab --statistics batch --domain mnist --best`,
		Args: noArgs,
	}
	run := addRunFlags(cmd)
	cmd.Flags().StringVar(&domain, "domain", "", "domain whose test images are evaluated (default: the run's target)")
	cmd.Flags().StringVar(&statistics, "statistics", "target", "statistics to normalize with: "+strings.Join(known, ", ")+", or a domain's number from 0")
	cmd.Flags().IntVar(&crops, "crops", 0, "crops of a photograph, 1 or 10, whose probabilities are averaged (default: the run's)")
	cmd.Flags().StringVar(&perClass, "per-class", "", "file to write recall and precision of each class to, as CSV")
	cmd.Flags().StringVar(&confusion, "confusion", "", "file to write the confusion matrix to, as CSV")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON for each choice of statistics")
	if err := cmd.RegisterFlagCompletionFunc("statistics", cobra.FixedCompletions(known, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // a flag above that does not exist
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		names, err := statisticsNames(statistics, known, all)
		if err != nil {
			return usageError{err}
		}
		if err := run.check(); err != nil {
			return err
		}
		switch {
		case len(names) > 1 && (perClass != "" || confusion != ""):
			return usageError{fmt.Errorf("--per-class and --confusion are of one choice of statistics: give --statistics")}
		case crops < 0:
			return usageError{fmt.Errorf("--crops %d: want 1 or 10", crops)}
		}
		saved, err := run.open(cmd)
		if err != nil {
			return err
		}
		defer saved.Close()
		if domain == "" {
			domain = saved.Config.Target
		}
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', tabwriter.AlignRight)
		if !asJSON {
			fmt.Fprintf(cmd.ErrOrStderr(), "run %s, step %d: %s → %s, %s, %s, seed %d; test images of %s\n", run.id, saved.Step,
				saved.Config.Source, saved.Config.Target, saved.Config.Objective, saved.Config.Norm, saved.Config.Seed, domain)
			fmt.Fprintln(table, "statistics\timages\taccuracy %\tmean recall %\tmean precision %\tECE %\t")
		}
		for _, name := range names {
			o, err := predictOptions(name)
			if err != nil {
				return usageError{err}
			}
			o.Domain, o.Crops = domain, crops
			p, err := saved.Predict(cmd.Context(), o)
			if err != nil {
				return err
			}
			e := p.Evaluation()
			if asJSON {
				line := evaluation{Run: run.id, Step: saved.Step, Domain: domain, Statistics: name, Images: len(p.Labels), Evaluation: e, Confusion: p.Confusion(), Classes: p.PerClass()}
				if err := json.NewEncoder(cmd.OutOrStdout()).Encode(line); err != nil {
					return err
				}
			} else {
				fmt.Fprintf(table, "%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t\n", name, len(p.Labels), 100*e.Accuracy, 100*e.MeanRecall, 100*e.MeanPrecision, 100*e.ECE)
			}
			if err := writeFile(perClass, p.WritePerClass); err != nil {
				return err
			}
			if err := writeFile(confusion, p.WriteConfusion); err != nil {
				return err
			}
		}
		return table.Flush()
	}
	return cmd
}

// statisticsNames are the choices that a flag's value stands for.
func statisticsNames(value string, known []string, all string) ([]string, error) {
	if value == all {
		return experiments.StatisticsNames(), nil
	}
	if _, err := predictOptions(value); err != nil {
		return nil, fmt.Errorf("--statistics %q: want %s, or a domain's number from 0", value, strings.Join(known, ", "))
	}
	return []string{value}, nil
}

// predictOptions are those of a name or of a domain's number.
func predictOptions(name string) (experiments.PredictOptions, error) {
	if slices.Contains(experiments.StatisticsNames(), name) {
		return experiments.Statistics()[name], nil
	}
	domain, err := strconv.ParseUint(name, 10, 8)
	return experiments.PredictOptions{Statistics: rnlayer.Evaluation(domain)}, err
}

// writeFile writes a file; nothing for an empty path.
func writeFile(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}
