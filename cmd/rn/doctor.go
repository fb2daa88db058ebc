package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// newDoctor returns `rn doctor`.
func newDoctor() *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Show backend, plugin, devices and versions, and what is missing",
		Example: "  rn doctor\n  rn doctor --backend xla:cuda --json",
		Args:    noArgs,
	}
	addBackendFlag(cmd, &config)
	addJSONFlag(cmd, &asJSON, "one line per finding")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		broken := false
		for _, check := range platform.Diagnose(cmd.Context(), config) {
			broken = broken || check.Required && !check.OK
			if asJSON {
				if err := json.NewEncoder(cmd.OutOrStdout()).Encode(check); err != nil {
					return err
				}
				continue
			}
			mark := "ok     "
			switch {
			case !check.OK && check.Required:
				mark = "MISSING"
			case !check.OK:
				mark = "absent "
			}
			line := fmt.Sprintf("%s %-26s %s", mark, check.Name, check.Detail)
			if check.Fix != "" && !strings.Contains(check.Detail, check.Fix) {
				line += " → " + check.Fix
			}
			fmt.Fprintln(cmd.OutOrStdout(), line)
		}
		if broken {
			return errReported
		}
		return nil
	}
	return cmd
}

// newSetup returns `rn setup`.
func newSetup() *cobra.Command {
	var plugin string
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Install the XLA plugin for CPUs or for NVIDIA GPUs",
		Long: `Installs the XLA plugin for CPUs. With --plugin cuda, installs the plugin for NVIDIA GPUs and NVIDIA's
libraries: 3.2 GB to download, 4.9 GB on disk, under NVIDIA's licences. You need NVIDIA's driver, version
525 or later.

All versions are pinned. A plugin stays as it is if its sha256 is pinned or was recorded when it was
installed; a damaged or unknown one is installed again.`,
		Example: "  rn setup\n  rn setup --plugin cuda",
		Args:    noArgs,
	}
	cmd.Flags().StringVar(&plugin, "plugin", "cpu", "cpu or cuda")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		install, known := map[string]func(context.Context, io.Writer) (string, error){"cpu": platform.Setup, "cuda": platform.SetupCUDA}[plugin]
		if !known {
			return usageError{fmt.Errorf("--plugin %q: want cpu or cuda", plugin)}
		}
		_, err := install(cmd.Context(), cmd.ErrOrStderr())
		return err
	}
	return cmd
}
