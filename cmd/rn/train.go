package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// newTrain returns `rn train`.
func newTrain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a network and append its result to results.jsonl",
		Long: `Trains a network on labelled source images and unlabelled target images, evaluates it on the target's test
images, and appends a line to results.jsonl in the output folder.

Ctrl-C finishes the current step and saves. The same command with --resume continues from there, or from
the last checkpoint of a killed run. It refuses to continue a run that began with other data, weights,
code, backend or number of devices.`,
		Example: `  rn train --recipe digits --source mnist --target uci
  rn train --source usps --target mnist --norm bn --seed 1 --json
  rn train --recipe office-caltech10 --root ~/office-caltech10 --source amazon --target caltech10
  rn train --recipe office-home --root ~/OfficeHome --source Art --target Clipart --out out/home
  rn train --recipe custom --root ~/photos --source summer --target winter --features frozen
  rn train --no-aggregation --own-share 0     # RC only: compensated statistics replace the own ones`,
		Args: noArgs,
	}
	config := addConfigFlags(cmd)
	var env environment.Environment
	var asJSON, resume bool
	addEnvironmentFlags(cmd, &env)
	addDevicesFlag(cmd, &env.Devices)
	addSaveEveryFlag(cmd, &env)
	cmd.Flags().IntVar(&env.Keep, "keep", 2, "latest checkpoints to keep besides the best one")
	cmd.Flags().BoolVar(&resume, "resume", false, "continue this run where it was interrupted")
	addJSONFlag(cmd, &asJSON, "one line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		if err := checkIdle(c); err != nil {
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
			return fmt.Errorf("%w: repeat the command with --resume to continue", err)
		}
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(result)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: target accuracy %s in %.0f s\n", runName(c), accuraciesText(result.Points), result.Seconds)
		return err
	}
	return cmd
}

// accuraciesText lists the target accuracy at each choice of the evaluation, or says
// it once if all are the same.
func accuraciesText(points []record.Point) string {
	var accuracies, named []string
	for _, choice := range record.Choices() {
		if i, ok := choice.Of(points); ok {
			accuracy := fmt.Sprintf("%.1f %%", 100*points[i].Target.Accuracy)
			accuracies = append(accuracies, accuracy)
			named = append(named, fmt.Sprintf("%s (%s)", accuracy, choice.Name))
		}
	}
	if distinct := slices.Compact(slices.Clone(accuracies)); len(distinct) == 1 {
		return distinct[0] + " at every choice of the checkpoint"
	}
	return strings.Join(named, ", ")
}
