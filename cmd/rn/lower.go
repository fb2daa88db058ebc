package main

import (
	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/lower"
)

// newLower returns `rn lower`.
func newLower() *cobra.Command {
	var file string
	var classes, devices int
	cmd := &cobra.Command{
		Use:   "lower",
		Short: "Write a training step as an XLA program, without running it",
		Long: `Writes the XLA program of one training step, before any optimization, as a serialized HloProto. XLA's
compilers read it: make cuda-check compiles it for an NVIDIA H100. The command reads neither data nor
weights.`,
		Example: `  rn lower --recipe office-home --backbone resnet50 --norm rn --batch-size 8 --file step.hlo.pb`,
		Args:    noArgs,
	}
	config := addConfigFlags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "`FILE` to write")
	cmd.Flags().IntVar(&classes, "classes", 65, "classes of the network's output; the default is Office-Home's")
	addDevicesFlag(cmd, &devices)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		if err := checkIdle(c); err != nil {
			return err
		}
		if err := (environment.Compute{Devices: devices}).CheckDevices(c); err != nil {
			return usageError{err}
		}
		if file == "" {
			return missingFlag("file", "the file to write")
		}
		return lower.Lower(c, classes, devices, file)
	}
	return cmd
}
