package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// newVersion returns `rn version`.
func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of the code",
		Example: "  rn version\n  rn version --json",
		Args:    noArgs,
	}
	addJSONFlag(cmd, &asJSON, "one line, with the versions of Go, GoMLX and go-xla")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !asJSON {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "rn version %s\n", cmd.Root().Version)
			return err
		}
		return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
			Version string `json:"version"`
			Go      string `json:"go"`
			GoMLX   string `json:"gomlx"`
			GoXLA   string `json:"go-xla"`
		}{record.CodeVersion(), runtime.Version(), platform.ModuleVersion("github.com/gomlx/gomlx"), platform.ModuleVersion("github.com/gomlx/go-xla")})
	}
	return cmd
}
