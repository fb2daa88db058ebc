package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
)

// newWeights is `rn weights`.
func newWeights() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "weights",
		Short: "List and fetch pretrained ImageNet weights, or look into a file of them",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWeightsList(), newWeightsGet(), newWeightsCheck())
	return cmd
}

// newWeightsList is `rn weights list`.
func newWeightsList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the weights of the registry, and which are here",
		Args:  noArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON each")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
		for _, s := range weights.All() {
			path, here := s.Installed()
			if asJSON {
				line := struct {
					weights.Spec
					Path string `json:"path,omitempty"`
				}{s, path}
				if err := json.NewEncoder(cmd.OutOrStdout()).Encode(line); err != nil {
					return err
				}
				continue
			}
			state := "not here"
			if here {
				state = path
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Backbone, s.Source, s.License, state)
		}
		return table.Flush()
	}
	return cmd
}

// newWeightsGet is `rn weights get`.
func newWeightsGet() *cobra.Command {
	var names []string
	for _, s := range weights.All() {
		names = append(names, s.Name)
	}
	return &cobra.Command{
		Use:   "get BACKBONE|NAME",
		Short: "Fetch weights: for a backbone, from the official source where it is reached",
		Example: `  rn weights get resnet50
  rn weights get keras-resnet50`,
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("weights get wants one backbone or one of %s, got %d arguments", strings.Join(names, ", "), len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, err := weights.Resolve(cmd.Context(), args[0], cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			path, _ := spec.Installed()
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
}

// newWeightsCheck is `rn weights check`.
func newWeightsCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Say what network a file holds the weights of, or what is wrong with it",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("weights check wants one file, got %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := weights.Read(args[0])
			if err != nil {
				return err
			}
			r, err := f.ResNet()
			if err != nil {
				return err
			}
			if err := f.Check(r); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, %s's variant, %d tensors, sha256 %s\n", r.Name(), r.Variant.Name, len(f.Tensors), f.SHA256())
			return err
		},
	}
}
