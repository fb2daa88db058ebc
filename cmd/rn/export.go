package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// newExport is `rn export`.
func newExport() *cobra.Command {
	var file, statistics string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Fold the norms of a run's network into its layers and write it as safetensors",
		Long: `Folds the norms, with the statistics of one domain, into the convolutions and linear layers before
them, and writes the network as safetensors under torchvision's names and in PyTorch's layout. The
folded network is run on test images beside the unfolded one; nothing is written if their logits
differ by more than rounding. Every norm can be folded but dwt, which mixes channels.`,
		Example: `  rn export --out out --run 0123456789ab --root ../shared/data/office-caltech10 --file network.safetensors`,
		Args:    noArgs,
	}
	run := addRunFlags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "safetensors file to write")
	cmd.Flags().StringVar(&statistics, "statistics", "target", "statistics to fold: target or source")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := run.check(); err != nil {
			return err
		}
		folded, ok := map[string]rnlayer.Evaluation{"target": rnlayer.EvalTarget, "source": rnlayer.EvalSource}[statistics]
		switch {
		case file == "":
			return usageError{fmt.Errorf("--file is missing: the safetensors file to write")}
		case !ok:
			return usageError{fmt.Errorf("--statistics %q: want target or source", statistics)}
		}
		saved, err := run.open(cmd)
		if err != nil {
			return err
		}
		defer saved.Close()
		e, err := saved.Export(cmd.Context(), file, folded)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(e)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d tensors, %d norms folded; logits of %d images differ by %.1e of the largest\n",
			e.Path, e.Tensors, e.Norms, e.Images, e.MaxDifference)
		return err
	}
	return cmd
}
