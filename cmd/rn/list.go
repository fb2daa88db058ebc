package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// item is a line of `rn list`.
type item struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Summary string `json:"summary"`
	Origin  string `json:"origin,omitempty"`
}

// itemKinds are the kinds of items.
var itemKinds = []string{"norms", "objectives", "datasets", "recipes", "suites", "figures"}

// items lists everything that has a name.
func items() []item {
	var out []item
	for _, s := range rnlayer.All() {
		out = append(out, item{"norms", s.Name, s.Summary, s.Reference})
	}
	for _, s := range objective.All() {
		out = append(out, item{"objectives", s.Name, s.Summary, s.Reference})
	}
	for _, s := range digits.All() {
		out = append(out, item{"datasets", s.Name, s.Summary, s.Source})
	}
	for _, r := range config.Recipes() {
		out = append(out, item{"recipes", r.Name, r.Summary, ""})
	}
	for _, s := range ablations.All() {
		out = append(out, item{"suites", s.Name, s.Summary, ""})
	}
	for _, k := range figures.All() {
		out = append(out, item{"figures", k.Name, k.Summary, "of " + string(k.Needs)})
	}
	return out
}

// newList returns `rn list`.
func newList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:       "list [" + strings.Join(itemKinds, "|") + "]",
		Short:     "List the names of " + strings.Join(itemKinds, ", "),
		Example:   "  rn list\n  rn list norms\n  rn list recipes --json",
		ValidArgs: itemKinds,
		Args:      atMostOneArg(oneOf("kind", itemKinds)),
	}
	addJSONFlag(cmd, &asJSON, "one line per item")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return writeItems(cmd.OutOrStdout(), "", asJSON)
		}
		if !slices.Contains(itemKinds, args[0]) {
			return usageError{registry.Unknown("kind", args[0], itemKinds)}
		}
		return writeItems(cmd.OutOrStdout(), args[0], asJSON)
	}
	return cmd
}

// writeItems prints the items of one kind, or of all kinds if only is empty.
func writeItems(w io.Writer, only string, asJSON bool) error {
	kind := ""
	for _, i := range items() {
		if only != "" && i.Kind != only {
			continue
		}
		if asJSON {
			if err := json.NewEncoder(w).Encode(i); err != nil {
				return err
			}
			continue
		}
		if i.Kind != kind {
			kind = i.Kind
			fmt.Fprintf(w, "%s:\n", kind)
		}
		fmt.Fprintf(w, "  %-16s %s", i.Name, i.Summary)
		if i.Origin != "" {
			fmt.Fprintf(w, " [%s]", i.Origin)
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}
