package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
)

// listedVariant is a line of `rn ablate list`.
type listedVariant struct {
	Suite string `json:"suite"`
	ablations.Variant
	// Base marks the configuration itself.
	Base bool `json:"base,omitempty"`
	// LeftOut is the reason why the variant does not apply to the configuration.
	LeftOut string `json:"left_out,omitempty"`
}

// newAblateList returns `rn ablate list`.
func newAblateList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [SUITE]",
		Short: "List the suites and their variants for a configuration",
		Example: `  rn ablate list
  rn ablate list placement --recipe office-home`,
		ValidArgs: suiteNames(),
		Args:      atMostOneArg(oneOf("suite", suiteNames())),
	}
	config := addConfigFlags(cmd)
	addJSONFlag(cmd, &asJSON, "one line per variant")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.config()
		if err != nil {
			return err
		}
		suites := ablations.All()
		if len(args) == 1 {
			suite, err := ablations.Lookup(args[0])
			if err != nil {
				return usageError{err}
			}
			suites = []ablations.Suite{suite}
		}
		for _, s := range suites {
			if !asJSON {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", s.Name, s.Summary)
			}
			rows, out, err := s.Rows(c)
			if err != nil {
				if len(args) == 1 {
					return err
				}
				if !asJSON {
					fmt.Fprintf(cmd.OutOrStdout(), "  does not apply: %v\n", err)
				}
				continue
			}
			var variants []listedVariant
			for _, r := range rows {
				variants = append(variants, listedVariant{Suite: s.Name, Variant: r.Variant, Base: r.Base})
			}
			for _, l := range out {
				variants = append(variants, listedVariant{Suite: s.Name, Variant: l.Variant, LeftOut: l.Reason.Error()})
			}
			for _, v := range variants {
				if asJSON {
					if err := json.NewEncoder(cmd.OutOrStdout()).Encode(v); err != nil {
						return err
					}
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "  %-14s %s%s\n", v.Name, v.Summary, v.note())
			}
		}
		return nil
	}
	return cmd
}

// note is the remark behind a variant's summary.
func (v listedVariant) note() string {
	switch {
	case v.LeftOut != "":
		return " (does not apply: " + v.LeftOut + ")"
	case v.Base:
		return " (base row)"
	default:
		return " [" + v.Edit.String() + "]"
	}
}
