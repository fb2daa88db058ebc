package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
	"github.com/reciprocalnorm/rn/experiments/verify/parity"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// newVerify is `rn verify DIR`.
func newVerify() *cobra.Command {
	var config, photos string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Compare with golden numbers of the authors' code, in float64 and float32",
		Long: `Runs every golden file (*.json) of a folder on the backend, in float64 and in float32, and prints
the largest error of each. Fails if one is above tolerance: relative to the array's largest value,
1e-9 in float64 (1e-7 for what a trajectory ends with), 2e-4 in float32 (5e-3 for trajectories).
TF32 is switched off on GPUs.

Files of a published ResNet are run in float32 alone, which its weights are in: pooled features and
logits within 1e-3, the largest logits in order, the most probable class of each photograph. The
weights are fetched as by rn weights get, once; that they cannot be had is a failure. Photographs
are no part of the golden files: those that are not in --photos are named and counted as not run,
which is no failure.`,
		Example: "  rn verify ../shared/golden\n  rn verify ../shared/golden --backend xla:cuda --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("verify wants one folder of golden files, got %d arguments", len(args))}
			}
			return nil
		},
	}
	addBackendFlag(cmd, &config)
	cmd.Flags().StringVar(&photos, "photos", "", "folder of the photographs (default: DIR/../data/office-caltech10)")
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
		out, log := cmd.OutOrStdout(), cmd.ErrOrStderr()
		fmt.Fprintf(log, "%s %s on %s\n", info.Backend, info.Plugin, info.Device)
		if photos == "" {
			photos = filepath.Join(args[0], "..", "data", "office-caltech10")
		}
		inputs := parity.Inputs{
			Weights:  func(name string) (*weights.File, error) { return weights.Open(cmd.Context(), name, log) },
			Photos:   photos,
			Progress: log,
		}
		ran, failed, notRun := 0, 0, 0
		for _, file := range files {
			for _, dtype := range parity.DTypes(file.Kind) {
				ran++
				c, err := parity.Run(backend, file, dtype, inputs)
				if cmd.Context().Err() != nil {
					return cmd.Context().Err()
				}
				if err != nil { // the others are worth running
					failed++
					fmt.Fprintf(log, "FAILED %v\n", err)
					continue
				}
				verdict := "ok"
				if !c.OK() {
					verdict = "FAILED"
					failed++
				}
				notRun += len(c.NotRun)
				for _, what := range c.NotRun {
					fmt.Fprintf(log, "%s: not run: %s\n", c.File, what)
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
		summary := fmt.Sprintf("%d of %d agree", ran-failed, ran)
		if notRun > 0 {
			summary += fmt.Sprintf(", %d photographs were not run", notRun)
		}
		fmt.Fprintln(log, summary)
		if failed > 0 {
			return fmt.Errorf("%d of %d golden cases are above tolerance or could not be run", failed, ran)
		}
		return nil
	}
	return cmd
}
