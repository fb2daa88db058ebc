package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/environment"
)

// addEnvironmentFlags adds the flags of images, output folder and backend.
func addEnvironmentFlags(cmd *cobra.Command, env *environment.Environment) {
	flags := cmd.Flags()
	flags.StringVar(&env.Out, "out", "out", "output folder")
	flags.StringVar(&env.Root, "root", "", "folder of the photographs; for digits, of the files that no registry has (default: $RN_DATA, else ./data)")
	flags.StringVar(&env.Root, "data", "", "the same as --root")
	flags.StringVar(&env.Lists, "lists", "", "folder of list files, DOMAIN.txt with lines of path and label (default: the lists in the root, else class folders)")
	flags.IntVar(&env.Workers, "workers", 0, "goroutines that read photographs (default: one a core)")
	flags.BoolVar(&env.SkipBroken, "skip-broken", false, "leave out photographs that cannot be read, with a warning; else the first one ends the run")
	addBackendFlag(cmd, &env.Backend)
}

// addDevicesFlag adds --devices, for commands that train.
func addDevicesFlag(cmd *cobra.Command, env *environment.Environment) {
	cmd.Flags().IntVar(&env.Devices, "devices", 1, "devices of the backend that share each training step; the batch size must be a multiple. rn doctor tells how many there are")
}

// addBackendFlag adds --backend.
func addBackendFlag(cmd *cobra.Command, backend *string) {
	cmd.Flags().StringVar(backend, "backend", "", "xla:cpu, xla:cuda or xla:PATH of a plugin (default: $GOMLX_BACKEND, or the machine's best)")
}

// defaultSaveEvery is about ten minutes of a fine-tuned ResNet-50 on a CPU, and
// seconds of digits.
const defaultSaveEvery = 100

// addSaveEveryFlag adds --save-every.
func addSaveEveryFlag(cmd *cobra.Command, env *environment.Environment) {
	cmd.Flags().IntVar(&env.SaveEvery, "save-every", defaultSaveEvery, "steps between checkpoints; 0 saves at evaluations only")
}

// checkSaving checks the flags of checkpoints.
func checkSaving(env environment.Environment) error {
	if env.SaveEvery < 0 {
		return usageError{fmt.Errorf("--save-every %d: want 0 or more steps", env.SaveEvery)}
	}
	return nil
}
