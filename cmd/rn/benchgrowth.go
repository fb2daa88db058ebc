package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/bench"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/plots"
)

// maxPaperChannels is the width of ResNet-50's and -101's last stage, the widest
// in the paper.
const maxPaperChannels = 2048

// newBenchGrowth returns `rn bench growth`.
func newBenchGrowth() *cobra.Command {
	var channels, domains []int
	var perDomain, at, steps int
	var backend, out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "growth",
		Short: "Measure the cost of RN in a layer by channels and domains",
		Long: fmt.Sprintf(`Times forward and backward passes, in turn, of a convolution alone, with BN, and with RN behind it, and of
RN's correlation (RN over two rows per domain). Layers of all --channels have the first number of --domains;
layers of all --domains have --at channels. A batch has --per-domain images of each domain.

The convolution is the last one of a bottleneck block, ResNet-50's cheapest of its width: 1×1, from C/4 to C
channels, at 56·256/C positions per side, between 7 and 56.

Seconds are the minimum over all steps. The last lines say whether the correlation costs more than the
convolution before it at up to %d channels. Figures of time and memory over channels and domains go to
--out, as SVG and PNG.`, maxPaperChannels),
		Example: "  rn bench growth\n  rn bench growth --channels 256,512 --domains 2,4 --steps 50 --json",
		Args:    noArgs,
	}
	cmd.Flags().IntSliceVar(&channels, "channels", []int{64, 128, 256, 512, 1024, 2048, 4096, 8192}, "numbers of channels")
	cmd.Flags().IntSliceVar(&domains, "domains", []int{2, 3, 4, 6, 8}, "numbers of domains")
	cmd.Flags().IntVar(&at, "at", maxPaperChannels, "channels of the layers that vary in domains")
	cmd.Flags().IntVar(&perDomain, "per-domain", 4, "images of each domain per batch")
	addOutFlag(cmd.Flags(), &out, "out/bench", "figures `DIR`")
	addBenchFlags(cmd, &steps, 20, &backend, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		layers, err := growthLayers(channels, domains, at, perDomain)
		if err != nil {
			return usageError{err}
		}
		if steps < 1 {
			return usageError{fmt.Errorf("--steps %d: want at least 1", steps)}
		}
		log := cmd.ErrOrStderr()
		save, err := pictureSaver(out)
		if err != nil {
			return err
		}
		b, err := platform.New(backend)
		if err != nil {
			return err
		}
		defer b.Finalize()
		sayLoad(log)
		var all []bench.Growth
		for i, l := range layers {
			fmt.Fprintf(log, "layer %d of %d: %d channels, %d domains\n", i+1, len(layers), l.Channels, l.Domains)
			g, err := bench.Layers(cmd.Context(), b, l, steps)
			if err != nil {
				return err
			}
			all = append(all, g)
			if asJSON {
				if err := writeLines(cmd.OutOrStdout(), all[i:]); err != nil {
					return err
				}
			}
		}
		if !asJSON {
			if err := writeGrowth(cmd.OutOrStdout(), all); err != nil {
				return err
			}
		}
		sayCorrelation(log, all, domains)
		if err := saveGrowth(all, domains[0], at, save); err != nil {
			return err
		}
		fmt.Fprintf(log, "figures: %s\n", out)
		return nil
	}
	return cmd
}

// growthLayers returns the layers over channels, then the other layers over
// domains.
func growthLayers(channels, domains []int, at, perDomain int) ([]bench.Layer, error) {
	if len(channels) == 0 || len(domains) == 0 {
		return nil, errors.New("want at least one of --channels and one of --domains")
	}
	for name, values := range map[string][]int{"channels": channels, "domains": domains} {
		if !slices.IsSorted(values) || len(slices.Compact(slices.Clone(values))) < len(values) {
			return nil, fmt.Errorf("--%s %v: want each number once, in increasing order", name, values)
		}
	}
	var layers []bench.Layer
	for _, c := range channels {
		layers = append(layers, bench.Layer{Channels: c, Domains: domains[0], PerDomain: perDomain})
	}
	for _, k := range domains {
		if l := (bench.Layer{Channels: at, Domains: k, PerDomain: perDomain}); !slices.Contains(layers, l) {
			layers = append(layers, l)
		}
	}
	for _, l := range layers {
		if err := l.Validate(); err != nil {
			return nil, err
		}
	}
	return layers, nil
}

// writeGrowth prints layers as a table of milliseconds and MiB.
func writeGrowth(w io.Writer, all []bench.Growth) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "channels\tdomains\tside\tconvolution ms\twith bn\twith rn\tcorrelation\tbn's share %\trn's share %\tcorrelation / convolution\tMiB\twith bn\twith rn\tcorrelation")
	for _, g := range all {
		fmt.Fprintf(table, "%d\t%d\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t%.0f\t%.3f\t%.1f\t%.1f\t%.1f\t%.1f\n", g.Channels, g.Domains, g.Side,
			1e3*g.ConvolutionSeconds, 1e3*g.BNSeconds, 1e3*g.RNSeconds, 1e3*g.CorrelationSeconds, 100*g.BNShare, 100*g.RNShare, g.CorrelationToConvolution,
			g.ConvolutionTemporaryMiB, g.BNTemporaryMiB, g.RNTemporaryMiB, g.CorrelationTemporaryMiB)
	}
	return table.Flush()
}

// sayCorrelation prints, for each number of domains, whether the correlation costs
// more than the convolution before it at any width.
func sayCorrelation(w io.Writer, all []bench.Growth, domains []int) {
	for _, k := range domains {
		worst, ok := bench.WorstCorrelation(all, k, maxPaperChannels)
		if !ok {
			continue
		}
		verdict := "no more than"
		if worst.CorrelationToConvolution > 1 {
			verdict = "MORE than"
		}
		fmt.Fprintf(w, "%d domains: at up to %d channels the correlation costs %s the convolution before it, at most %.2f of it, at %d channels\n",
			k, maxPaperChannels, verdict, worst.CorrelationToConvolution, worst.Channels)
	}
}

// saveGrowth draws shares of time and planned memory over channels, for layers with
// the given number of domains, and over domains, for layers with the given number
// of channels.
func saveGrowth(all []bench.Growth, domains, channels int, save func(string, *plots.Figure, error) error) error {
	for _, axis := range []struct {
		file, label, rest string
		scale             plots.Scale
		x                 func(bench.Growth) int
		of                func(bench.Growth) bool
	}{
		{
			"growth-channels", "channels", fmt.Sprintf("%d domains", domains), plots.Log2,
			func(g bench.Growth) int { return g.Channels }, func(g bench.Growth) bool { return g.Domains == domains },
		},
		{
			"growth-domains", "domains", fmt.Sprintf("%d channels", channels), plots.Linear,
			func(g bench.Growth) int { return g.Domains }, func(g bench.Growth) bool { return g.Channels == channels },
		},
	} {
		series := func(name string, y func(bench.Growth) float64) plots.Series {
			s := plots.Series{Name: name, Runs: [][]float64{nil}}
			for _, g := range all {
				if axis.of(g) {
					s.X, s.Runs[0] = append(s.X, float64(axis.x(g))), append(s.Runs[0], y(g))
				}
			}
			return s
		}
		f, err := plots.Curves([]plots.Series{
			series("RN", func(g bench.Growth) float64 { return g.RNShare }),
			series("BN", func(g bench.Growth) float64 { return g.BNShare }),
			series("correlation", func(g bench.Growth) float64 { return g.CorrelationShare }),
		}, plots.CurveOptions{
			Options: plots.Options{Title: "Share of a norm in a layer's time, " + axis.rest}, XScale: axis.scale,
			XLabel: axis.label, YLabel: "share of the layer's time", Percent: true, NoRuns: true,
		})
		if err := save(axis.file, f, err); err != nil {
			return err
		}
		f, err = plots.Curves([]plots.Series{
			series("with RN", func(g bench.Growth) float64 { return g.RNTemporaryMiB }),
			series("with BN", func(g bench.Growth) float64 { return g.BNTemporaryMiB }),
			series("convolution", func(g bench.Growth) float64 { return g.ConvolutionTemporaryMiB }),
			series("correlation", func(g bench.Growth) float64 { return g.CorrelationTemporaryMiB }),
		}, plots.CurveOptions{
			Options: plots.Options{Title: "Memory that XLA plans for a layer, " + axis.rest}, XScale: axis.scale,
			XLabel: axis.label, YLabel: "temporary memory (MiB)", NoRuns: true,
		})
		if err := save(axis.file+"-memory", f, err); err != nil {
			return err
		}
	}
	return nil
}
