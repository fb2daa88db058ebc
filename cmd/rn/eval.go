package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// newEval is `rn eval`.
func newEval() *cobra.Command {
	var env experiments.Environment
	var asJSON bool
	var id, domain string
	statistics := evaluationFlag{rnlayer.EvalTarget}
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Evaluate the network of a run again, with other statistics or on another domain",
		Example: `  rn eval --out out --run 0123456789ab
  rn eval --out out --run 0123456789ab --statistics batch --domain mnist`,
		Args: noArgs,
	}
	addEnvironmentFlags(cmd, &env)
	cmd.Flags().StringVar(&id, "run", "", "id of the run, as in results.jsonl")
	cmd.Flags().StringVar(&domain, "domain", "", "domain whose test images are evaluated (default: the run's target)")
	cmd.Flags().Var(&statistics, "statistics", "running statistics to normalize with: target, source or batch")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if id == "" {
			return usageError{fmt.Errorf("--run is missing: the id of a run in %s/%s", env.Out, experiments.ResultsFile)}
		}
		e, err := experiments.Evaluate(cmd.Context(), id, domain, statistics.Evaluation, env)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(e)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "accuracy %.2f %%, mean per-class recall %.2f %%\n", 100*e.Accuracy, 100*e.MeanRecall)
		return err
	}
	return cmd
}
