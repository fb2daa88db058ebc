package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// newTrain is `rn train`.
func newTrain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a network and append the result to OUT/results.jsonl",
		Long: `Trains a network on labelled source and unlabelled target images, evaluates it on the target's test
images and appends a line to OUT/results.jsonl. Ctrl-C finishes the step and saves. The same command
with --resume goes on from there, or from the last checkpoint of a killed run. It refuses to continue a
run that began with other data, code, weights or devices.`,
		Example: `  rn train --recipe office-home --root ~/OfficeHome --source Art --target Clipart --norm rn --objective cdan-e
  rn train --recipe office-caltech10 --root ~/office-caltech10 --source amazon --target caltech10
  rn train --recipe custom --root ~/photos --source summer --target winter --features frozen
  rn train --recipe digits --source mnist --target uci --norm rn --objective cdan-e --out out
  rn train --source usps --target mnist --norm bn --seed 1 --out out --json
  rn train --norm rn --no-aggregation --own-share 0 --out out     # RC only, full replacement`,
		Args: noArgs,
	}
	config := addConfigFlags(cmd)
	var env environment.Environment
	var asJSON, resume bool
	addEnvironmentFlags(cmd, &env)
	addDevicesFlag(cmd, &env)
	addSaveEveryFlag(cmd, &env)
	cmd.Flags().IntVar(&env.Keep, "keep", 2, "latest checkpoints to keep beside the best one")
	cmd.Flags().BoolVar(&resume, "resume", false, "continue the same run where it was interrupted")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		if err := checkSaving(env); err != nil {
			return err
		}
		if env.Keep < 1 {
			return usageError{fmt.Errorf("--keep %d: want at least one checkpoint", env.Keep)}
		}
		if err := env.CheckDevices(c); err != nil {
			return usageError{err}
		}
		if resume {
			env.Resume = environment.ContinueOrRefuse
		}
		bar := newBar(cmd.ErrOrStderr(), c.Steps)
		bar.watch(&env)
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
		var accuracies []string
		for _, choice := range record.Choices() {
			if i, ok := choice.Of(result.Points); ok {
				accuracies = append(accuracies, fmt.Sprintf("%.1f %% (%s)", 100*result.Points[i].Target.Accuracy, choice.Name))
			}
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s → %s, %s, %s, seed %d: target accuracy %s in %.0f s\n",
			c.Source, c.Target, c.Objective, c.Norm, c.Seed, strings.Join(accuracies, ", "), result.Seconds)
		return err
	}
	return cmd
}
