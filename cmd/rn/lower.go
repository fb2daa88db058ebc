package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/lower"
)

// newLower is `rn lower`.
func newLower() *cobra.Command {
	var file string
	var classes, devices int
	cmd := &cobra.Command{
		Use:   "lower",
		Short: "Write a training step as a program for XLA's compilers, without running it",
		Long: `Writes the program of one training step, as XLA has it before any optimization, as a serialized
HloProto. It is what XLA's compiler for CUDA takes: make cuda-check has it compiled for an NVIDIA H100.
Neither data nor weights are read.`,
		Example: `  rn lower --recipe office-home --backbone resnet50 --norm rn --batch-size 8 --file step.hlo.pb`,
		Args:    noArgs,
	}
	config := addConfigFlags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "file to write")
	cmd.Flags().IntVar(&classes, "classes", 65, "classes that the network tells; the default is Office-Home's")
	cmd.Flags().IntVar(&devices, "devices", 1, "devices that share the step; up to the CPU plugin's, see rn doctor")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		if err := (environment.Compute{Devices: devices}).CheckDevices(c); err != nil {
			return usageError{err}
		}
		if file == "" {
			return usageError{fmt.Errorf("--file is missing: the file to write")}
		}
		return lower.Lower(c, classes, devices, file)
	}
	return cmd
}
