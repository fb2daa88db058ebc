package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
)

// defaultSaveEvery is about ten minutes of a fine-tuned ResNet-50 on a CPU, and
// seconds of the digits.
const defaultSaveEvery = 100

// newTrain is `rn train`.
func newTrain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a network and append the result to DIR/results.jsonl",
		Long: `Trains a network on labelled source and unlabelled target images, evaluates it on the target's
test images and appends a line to DIR/results.jsonl. Ctrl-C finishes the step and saves;
--resume goes on from there, or from the last checkpoint of a run that was killed.`,
		Example: `  rn train --recipe office-home --root ~/OfficeHome --source Art --target Clipart --norm rn --objective cdan-e
  rn train --recipe office-caltech10 --root ../shared/data/office-caltech10 --source amazon --target caltech10
  rn train --recipe custom --root ~/photos --source summer --target winter --features frozen
  rn train --recipe digits --source mnist --target uci --norm rn --objective cdan-e --out out
  rn train --source usps --target mnist --norm bn --seed 1 --out out --json
  rn train --norm rn --no-aggregation --own-share 0 --out out     # RC only, full replacement`,
		Args: noArgs,
	}
	config := addConfigFlags(cmd)
	var env experiments.Environment
	var asJSON bool
	addEnvironmentFlags(cmd, &env)
	addDevicesFlag(cmd, &env)
	cmd.Flags().IntVar(&env.SaveEvery, "save-every", defaultSaveEvery, "steps between checkpoints, beside those at evaluations; 0 for none")
	cmd.Flags().IntVar(&env.Keep, "keep", 2, "latest checkpoints that are kept, beside the best")
	cmd.Flags().BoolVar(&env.Resume, "resume", false, "continue a run that was interrupted")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as one line of JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		if env.SaveEvery < 0 || env.Keep < 1 {
			return usageError{fmt.Errorf("--save-every %d, --keep %d: want no negative steps and at least one checkpoint", env.SaveEvery, env.Keep)}
		}
		if err := env.CheckDevices(c); err != nil {
			return usageError{err}
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
		for _, choice := range experiments.Choices() {
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

// addEnvironmentFlags adds the flags of where a run is made.
func addEnvironmentFlags(cmd *cobra.Command, env *experiments.Environment) {
	cmd.Flags().StringVar(&env.Out, "out", "out", "output folder")
	cmd.Flags().StringVar(&env.Data, "root", "", "folder of the benchmark's photographs; for digits, of those that no registry has (default: $RN_DATA, or ../shared/data)")
	cmd.Flags().StringVar(&env.Data, "data", "", "the same as --root")
	cmd.Flags().StringVar(&env.Lists, "lists", "", "folder of list files, DOMAIN.txt with lines of path and label (default: in the root, else class folders)")
	cmd.Flags().IntVar(&env.Workers, "workers", 0, "goroutines that read photographs (default: one a core)")
	cmd.Flags().BoolVar(&env.SkipBroken, "skip-broken", false, "leave out photographs that cannot be read, instead of failing at the first")
	addBackendFlag(cmd, &env.Backend)
}

// addDevicesFlag adds the flag of commands that train.
func addDevicesFlag(cmd *cobra.Command, env *experiments.Environment) {
	cmd.Flags().IntVar(&env.Devices, "devices", 1, "devices of the backend that share each training step, with as many images of every domain each; see rn doctor for how many there are")
}

// addBackendFlag adds --backend.
func addBackendFlag(cmd *cobra.Command, backend *string) {
	cmd.Flags().StringVar(backend, "backend", "", "xla:cpu, xla:cuda or xla:PATH of a plugin (default: $GOMLX_BACKEND, or the machine's best)")
}
