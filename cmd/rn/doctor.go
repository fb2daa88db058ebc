package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/platform"
)

// newDoctor is `rn doctor`.
func newDoctor() *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Say which backend, plugin, device and versions there are, and what is missing",
		Example: "  rn doctor\n  rn doctor --backend xla:cuda --json",
		Args:    noArgs,
	}
	addBackendFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON a finding")
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
			return errSaid
		}
		return nil
	}
	return cmd
}

// newSetup is `rn setup`.
func newSetup() *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Install the XLA plugin for the CPU, if it is not there",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := platform.Setup(cmd.Context(), cmd.ErrOrStderr())
			return err
		},
	}
}
