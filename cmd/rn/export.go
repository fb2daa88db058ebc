package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// newExport returns `rn export`.
func newExport() *cobra.Command {
	var file, statistics string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Fold the norms into a trained network and write it as safetensors",
		Long: `Folds the norms, with the statistics of one domain, into the convolutions and linear layers before them, and
writes the network as safetensors with torchvision's names and PyTorch's layout. Every norm except dwt,
which mixes channels, can be folded.

Before it writes, the command runs the folded and the unfolded network on test images. It writes nothing if
their logits differ by more than rounding.`,
		Example: `  rn export --run 0123456789ab --root ~/office-caltech10 --file network.safetensors`,
		Args:    noArgs,
	}
	run := addRunFlags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "safetensors `FILE` to write")
	cmd.Flags().StringVar(&statistics, "statistics", "target", "statistics to fold, of the target or the source")
	addJSONFlag(cmd, &asJSON, "one line")
	addEnvironmentFlags(cmd, &run.env)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := run.check(); err != nil {
			return err
		}
		folded, ok := map[string]rnlayer.Evaluation{"target": rnlayer.EvalTarget, "source": rnlayer.EvalSource}[statistics]
		switch {
		case file == "":
			return missingFlag("file", "the safetensors file to write")
		case strings.ToLower(filepath.Ext(file)) != ".safetensors":
			return usageError{fmt.Errorf("--file %s: want a name that ends in .safetensors, the file's format", file)}
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
