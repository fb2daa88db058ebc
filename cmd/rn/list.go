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
	"github.com/reciprocalnorm/rn/experiments/study/figures"
	"github.com/reciprocalnorm/rn/experiments/training/objective"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// item is a line of `rn list`.
type item struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Summary string `json:"summary"`
	Origin  string `json:"origin,omitempty"`
}

// items lists the registries.
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

// newList is `rn list`.
func newList() *cobra.Command {
	var asJSON bool
	kinds := []string{"norms", "objectives", "datasets", "recipes", "suites", "figures"}
	cmd := &cobra.Command{
		Use:       "list [norms|objectives|datasets|recipes|suites|figures]",
		Short:     "List norms, objectives, datasets, recipes, suites of ablations and figures",
		ValidArgs: kinds,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && !slices.Contains(kinds, args[0]) {
				return usageError{fmt.Errorf("list wants one of %q, got %q", kinds, args)}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON an item")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return writeItems(cmd.OutOrStdout(), strings.Join(args, ""), asJSON)
	}
	return cmd
}

// writeItems prints the items of a kind, or of all for none.
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
		fmt.Fprintf(w, "  %-14s %s", i.Name, i.Summary)
		if i.Origin != "" {
			fmt.Fprintf(w, " [%s]", i.Origin)
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}
