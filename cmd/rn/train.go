package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
)

// newTrain is `rn train`.
func newTrain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a network and append the result to DIR/results.jsonl",
		Long: `Trains a network on labelled source and unlabelled target images, evaluates it on the target's
test images and appends a line to DIR/results.jsonl. Ctrl-C finishes the step and saves;
--resume goes on from there.`,
		Example: `  rn train --recipe digits --source mnist --target uci --norm rn --objective cdan-e --out out
  rn train --source usps --target mnist --norm bn --seed 1 --out out --json
  rn train --norm rn --no-aggregation --own-share 0 --out out     # RC only, full replacement`,
		Args: noArgs,
	}
	config := addConfigFlags(cmd)
	var env experiments.Environment
	var asJSON bool
	addEnvironmentFlags(cmd, &env)
	cmd.Flags().BoolVar(&env.Resume, "resume", false, "continue a run that was interrupted")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		bar := newBar(cmd.ErrOrStderr(), c.Steps)
		env.Progress = bar.update
		result, err := experiments.Run(cmd.Context(), c, env)
		bar.finish()
		if errors.Is(err, experiments.ErrInterrupted) {
			return fmt.Errorf("%w: go on with the same command and --resume", err)
		}
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
		}
		a := result.Accuracy
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s → %s, %s, %s, seed %d: target accuracy %.1f %% (last), %.1f %% (label-free choice), %.1f %% (oracle choice) in %.0f s\n",
			c.Source, c.Target, c.Objective, c.Norm, c.Seed, 100*a.Last, 100*a.LabelFree, 100*a.Oracle, result.Seconds)
		return err
	}
	return cmd
}

// addEnvironmentFlags adds the flags of where a run is made.
func addEnvironmentFlags(cmd *cobra.Command, env *experiments.Environment) {
	cmd.Flags().StringVar(&env.Out, "out", "out", "output folder")
	cmd.Flags().StringVar(&env.Data, "data", "", "folder of datasets that no registry has (default: $RN_DATA, or ../shared/data)")
	addBackendFlag(cmd, &env.Backend)
}

// addBackendFlag adds --backend.
func addBackendFlag(cmd *cobra.Command, backend *string) {
	cmd.Flags().StringVar(backend, "backend", "", "xla:cpu, xla:cuda or xla:PATH of a plugin (default: $GOMLX_BACKEND, or the machine's best)")
}
