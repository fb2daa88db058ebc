package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/golden"
	"github.com/reciprocalnorm/rn/experiments/parity"
	"github.com/reciprocalnorm/rn/experiments/platform"
)

// newVerify is `rn verify DIR`.
func newVerify() *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Compare with golden numbers of the authors' code, in float64 and float32",
		Long: `Runs every golden file (*.json) of a folder on the backend, in float64 and in float32, and prints
the largest error of each. Fails if one is above tolerance: relative to the array's largest value,
1e-9 in float64 (1e-7 for what a trajectory ends with), 2e-4 in float32 (5e-3 for trajectories).
TF32 is switched off on GPUs.`,
		Example: "  rn verify ../shared/golden\n  rn verify ../shared/golden --backend xla:cuda --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("verify wants one folder of golden files, got %d arguments", len(args))}
			}
			return nil
		},
	}
	addBackendFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON a file and dtype, with every array")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		files, err := golden.ReadDir(args[0])
		if err != nil {
			return err
		}
		backend, err := platform.NewExact(config)
		if err != nil {
			return err
		}
		defer backend.Finalize()
		info := platform.Describe(backend)
		fmt.Fprintf(cmd.ErrOrStderr(), "%s %s on %s\n", info.Backend, info.Plugin, info.Device)
		out := cmd.OutOrStdout()
		ran, failed := 0, 0
		for _, file := range files {
			if !parity.Supported(file.Kind) {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s: read, not run: kind %q\n", file.Path, file.Kind)
				continue
			}
			for _, dtype := range parity.DTypes() {
				c, err := parity.Run(backend, file, dtype)
				if err != nil {
					return err
				}
				ran++
				verdict := "ok"
				if !c.OK() {
					verdict = "FAILED"
					failed++
				}
				if asJSON {
					if err := json.NewEncoder(out).Encode(c); err != nil {
						return err
					}
					continue
				}
				w := c.Worst()
				fmt.Fprintf(out, "%-6s %-8s %s: %d arrays, worst %s: absolute %.1e, relative %.1e of %.0e\n",
					verdict, strings.ToLower(c.DType), c.File, len(c.Checks), w.Name, w.MaxAbs, w.MaxRel, w.Tolerance)
			}
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%d of %d agree\n", ran-failed, ran)
		if failed > 0 {
			return fmt.Errorf("%d of %d golden cases are above tolerance", failed, ran)
		}
		if ran == 0 {
			return fmt.Errorf("no file in %s can be run", args[0])
		}
		return nil
	}
	return cmd
}
