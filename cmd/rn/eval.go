package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/atomicfile"
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

// newEval returns `rn eval`.
func newEval() *cobra.Command {
	var asJSON bool
	var domain, statistics, perClass, confusion string
	var crops int
	const all = "all"
	known := append(experiments.StatisticsNames(), all)
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Evaluate a trained network with other statistics, domains or crops",
		Long: `Evaluates the network of a run again, on test images. --statistics chooses what the norms normalize with:

  target         running statistics of the target, as in training
  source         running statistics of the source
  recalibrated   statistics of the target, estimated again over an epoch of training images
  batch          statistics of each batch
  all            each of the above, one row each`,
		Example: `  rn eval --run 0123456789ab --root ~/office-caltech10
  rn eval --run 0123456789ab --statistics all
  rn eval --run 0123456789ab --crops 10 --per-class classes.csv --confusion confusion.csv
  rn eval --run 0123456789ab --statistics batch --domain mnist --best`,
		Args: noArgs,
	}
	run := addRunFlags(cmd)
	cmd.Flags().StringVar(&domain, "domain", "", "test images of this `DOMAIN` (default: the run's target)")
	cmd.Flags().StringVar(&statistics, "statistics", "target", "statistics to normalize with, `NAME` one of "+strings.Join(known, ", ")+", or a domain's number: 0 is the source, 1 the target")
	cmd.Flags().IntVar(&crops, "crops", 0, "average over 1 or 10 crops per photograph (default: the run's)")
	cmd.Flags().StringVar(&perClass, "per-class", "", "write recall and precision of each class to a CSV `FILE`")
	cmd.Flags().StringVar(&confusion, "confusion", "", "write the confusion matrix to a CSV `FILE`")
	addJSONFlag(cmd, &asJSON, "one line per choice of statistics")
	addEnvironmentFlags(cmd, &run.env)
	completeWith(cmd, "statistics", known)
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
			return usageError{errors.New("--per-class and --confusion need one choice of --statistics, not all")}
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
			fmt.Fprintf(cmd.ErrOrStderr(), "run %s, step %d: %s; test images of %s\n", run.id, saved.Step, runName(saved.Config), domain)
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

// statisticsNames lists the choices that the value of --statistics stands for.
func statisticsNames(value string, known []string, all string) ([]string, error) {
	if value == all {
		return experiments.StatisticsNames(), nil
	}
	if _, err := predictOptions(value); err != nil {
		return nil, fmt.Errorf("--statistics %q: want one of %s, or a domain's number: 0 is the source, 1 the target", value, strings.Join(known, ", "))
	}
	return []string{value}, nil
}

// predictOptions returns the options for a name or for a domain's number.
func predictOptions(name string) (experiments.PredictOptions, error) {
	if slices.Contains(experiments.StatisticsNames(), name) {
		return experiments.Statistics()[name], nil
	}
	domain, err := strconv.ParseUint(name, 10, 1) // source and target
	return experiments.PredictOptions{Statistics: rnlayer.Evaluation(domain)}, err
}

// writeFile writes a file, unless the path is empty.
func writeFile(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	if err := atomicfile.Write(path, write); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
