package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// newWeights returns `rn weights`.
func newWeights() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "weights",
		Short: "List, fetch and check pretrained ImageNet weights",
	}
	holdCommands(cmd)
	cmd.AddCommand(newWeightsList(), newWeightsGet(), newWeightsCheck())
	return cmd
}

// newWeightsList returns `rn weights list`.
func newWeightsList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the published weights and their files in the cache",
		Example: "  rn weights list\n  rn weights list --json",
		Args:    noArgs,
	}
	addJSONFlag(cmd, &asJSON, "one line per file")
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
			state := "not fetched"
			if here {
				state = path
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.Name, s.Backbone, s.Source, s.License, state)
		}
		return table.Flush()
	}
	return cmd
}

// newWeightsGet returns `rn weights get`.
func newWeightsGet() *cobra.Command {
	names := registry.Names(weights.All(), func(s weights.Spec) string { return s.Name })
	return &cobra.Command{
		Use:   "get BACKBONE|NAME",
		Short: "Fetch weights into the cache and print their path",
		Long: `Prints the path of published weights. Fetches them into the cache first if they are missing, and verifies
them: their checksum where one is pinned or was recorded, and that they fit the backbone. For a backbone,
such as resnet50, takes the first of its weights in rn weights list that are in the cache, or else the
first that can be fetched.`,
		Example: `  rn weights get resnet50
  rn weights get keras-resnet50`,
		ValidArgs: names,
		Args:      oneArg("a backbone, or one of " + strings.Join(names, ", ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, err := weights.Resolve(cmd.Context(), args[0], cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if err := spec.Verify(); err != nil {
				return err
			}
			path, _ := spec.Installed()
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
}

// newWeightsCheck returns `rn weights check`.
func newWeightsCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Tell which network a file of weights fits, or what is wrong with it",
		Long: `Reads a file of weights, prints the network that it fits and the sha256 of its tensors, and says whether a
checksum protects their values: a .pth has a CRC-32, and weights in the cache have a pinned or recorded
sha256. Other safetensors and TensorFlow.js files have none: compare the printed sha256 with one that you
trust.`,
		Example: "  rn weights check resnet50.safetensors",
		Args:    oneArg("a file"),
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
			checked := "values unchecked: the file has no checksum"
			if f.Checked != "" {
				checked = "values agree with " + f.Checked
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s, variant %s, %d tensors, sha256 %s, %s\n", r.Name(), r.Variant.Name, len(f.Tensors), f.SHA256(), checked)
			return err
		},
	}
}
