package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/experiments/environment"
)

// addEnvironmentFlags adds the flags of output folder, images and backend.
func addEnvironmentFlags(cmd *cobra.Command, env *environment.Environment) {
	flags := cmd.Flags()
	addOutFlag(flags, &env.Out, "out", "output `DIR`")
	flags.StringVar(&env.Root, "root", "", "`DIR` of photographs, and of digit files that rn cannot fetch (default: $RN_DATA, else ./data)")
	flags.StringVar(&env.Root, "data", "", "the same as --root `DIR`")
	flags.StringVar(&env.Lists, "lists", "", "`DIR` of list files, DOMAIN.txt with a path and a label per line (default: list files in --root, else class folders)")
	flags.IntVar(&env.Workers, "workers", 0, "goroutines that read photographs (default: one per core)")
	addDecodeMemoryFlag(cmd)
	flags.BoolVar(&env.SkipBroken, "skip-broken", false, "skip unreadable photographs with a warning, instead of failing at the first")
	addBackendFlag(cmd, &env.Backend)
}

// addOutFlag adds --out.
func addOutFlag(flags *pflag.FlagSet, dir *string, value, usage string) {
	*dir = value
	flags.Var((*outDir)(dir), "out", usage)
}

// outDir is the value of --out. It is not empty: a script's unset variable must not
// fill the current folder.
type outDir string

// Set implements pflag.Value.
func (d *outDir) Set(dir string) error {
	if dir == "" {
		return errors.New("want a folder; . is the current one")
	}
	*d = outDir(dir)
	return nil
}

// String implements pflag.Value.
func (d *outDir) String() string { return string(*d) }

// Type implements pflag.Value.
func (d *outDir) Type() string { return "string" }

// addDevicesFlag adds --devices.
func addDevicesFlag(cmd *cobra.Command, devices *int) {
	cmd.Flags().IntVar(devices, "devices", 1, "devices that share each training step, a divisor of the batch size; rn doctor counts them")
}

// addBackendFlag adds --backend.
func addBackendFlag(cmd *cobra.Command, backend *string) {
	cmd.Flags().StringVar(backend, "backend", "", "xla:cpu, xla:cuda or xla:PATH of a plugin (default: $GOMLX_BACKEND, else the GPU, else the CPU)")
}

// defaultSaveEvery is about ten minutes of a finetuned ResNet-50 on a CPU, and
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
