package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/bench"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// newBench returns `rn bench`.
func newBench() *cobra.Command {
	var c bench.Case
	var backbones, norms []string
	var sizes []int
	var o bench.Options
	var backend string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure time and memory of training steps, relative to BN",
		Long: `Times training steps on noise: forward pass, cross-entropy over all rows, backward pass, Nesterov SGD,
projection of the gates. --inference times predictions instead. Each norm runs in a process of its own and
compiles without the executable cache. The processes step in turn, so ratios to BN hold even on a busy
machine. The first step does not count.

--photos reads batches of photographs as rn train does, one norm after another, and measures the share of
the time spent waiting for them. rn train records the same share.

Columns of the table:

  step        seconds per step, minimum and median
  compile     seconds to build and compile the graph
  peak        peak resident memory of the norm's process on the host, with compiling
  temporary   memory that XLA plans in addition to inputs and outputs
  / bn        ratios to BN; for steps, the median of the ratios within a round
  data wait   share of the time spent waiting for photographs`,
		Example: `  rn bench --backbone resnet50 --norms bn,rn --per-domain 4 --size 224 --steps 5 --json
  rn bench --backbone resnet18,resnet50 --inference
  rn bench --backbone resnet50 --photos ~/OfficeHome/Art --steps 20
  rn bench --backbone digits --norms bn,ds,dsbn,rn --per-domain 36 --steps 50`,
		Args: noArgs,
	}
	cmd.Flags().StringSliceVar(&backbones, "backbone", []string{"resnet50"}, "networks, `NAMES` of ResNets or "+bench.DigitsName)
	addNormsFlag(cmd, &norms, "bn", "rn")
	cmd.Flags().IntSliceVar(&sizes, "size", nil, "heights and widths of the images in pixels (default: 28 for digits, 224 for ResNets)")
	cmd.Flags().IntVar(&c.PerDomain, "per-domain", 4, "images of each of the two domains per batch")
	activations := addFieldFlag(cmd, "activations")
	cmd.Flags().StringVar(&c.Photos, "photos", "", "`DIR` of class folders with photographs to read, for ResNets (default: noise)")
	cmd.Flags().BoolVar(&c.Inference, "inference", false, "time predictions instead of training steps")
	addDevicesFlag(cmd, &c.Devices)
	addPairedFlag(cmd, &o)
	addBenchFlags(cmd, &o.Steps, 5, &backend, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c.Activations = backbone.Activations(activations().(string))
		if c.Photos != "" {
			if o.Paired && cmd.Flags().Changed("paired") {
				return usageError{errors.New("want only one of --photos and --paired: paired norms would read batches while others step")}
			}
			o.Paired = false
		}
		cases, err := benchCases(c, backbones, sizes, norms, o.Steps)
		if err != nil {
			return err
		}
		log := cmd.ErrOrStderr()
		sayLoad(log)
		o.Start = startBench(backend)
		o.Log = func(format string, args ...any) { fmt.Fprintf(log, format+"\n", args...) }
		var all []bench.Result
		for _, c := range cases {
			results, err := bench.Measure(cmd.Context(), c, norms, o)
			if err != nil {
				return err
			}
			all = append(all, results...)
			if asJSON {
				if err := writeLines(cmd.OutOrStdout(), results); err != nil {
					return err
				}
			}
		}
		if asJSON {
			return nil
		}
		return writeBench(cmd.OutOrStdout(), all)
	}
	cmd.AddCommand(newBenchGrowth(), newBenchPeer(), newBenchServe())
	return cmd
}

// addPairedFlag adds --paired.
func addPairedFlag(cmd *cobra.Command, o *bench.Options) {
	cmd.Flags().BoolVar(&o.Paired, "paired", true, "let the norms step in turn; --paired=false needs the memory of only one norm at a time")
}

// addBenchFlags adds the flags that all measurements share.
func addBenchFlags(cmd *cobra.Command, steps *int, defaultSteps int, backend *string, asJSON *bool) {
	cmd.Flags().IntVar(steps, "steps", defaultSteps, "steps to time")
	addJSONFlag(cmd, asJSON, "one line per result")
	addBackendFlag(cmd, backend)
}

// benchCases returns a case for every backbone and size. It returns an error if a
// case is invalid with one of the norms.
func benchCases(c bench.Case, backbones []string, sizes []int, norms []string, steps int) ([]bench.Case, error) {
	if steps < 1 {
		return nil, usageError{fmt.Errorf("--steps %d: want at least 1", steps)}
	}
	if len(backbones) == 0 || len(norms) == 0 {
		return nil, usageError{errors.New("want at least one --backbone and one of --norms")}
	}
	var all []bench.Case
	for _, name := range backbones {
		of := sizes
		if len(of) == 0 {
			of = []int{bench.DefaultSize(name)}
		}
		for _, size := range of {
			c.Backbone, c.Size = name, size
			for _, c.Norm = range norms {
				if err := c.Validate(); err != nil {
					return nil, usageError{err}
				}
			}
			c.Norm = ""
			all = append(all, c)
		}
	}
	return all, nil
}

// startBench returns a function that starts this program in another process to measure
// a case.
func startBench(backend string) func(context.Context, bench.Case) (bench.Runner, error) {
	return func(ctx context.Context, c bench.Case) (bench.Runner, error) {
		program, err := os.Executable()
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		return bench.Process(exec.CommandContext(ctx, program, "bench", "serve", string(text), "--backend", backend))
	}
}

// newBenchServe returns `rn bench serve`, the process that measures a case.
func newBenchServe() *cobra.Command {
	var backend string
	cmd := &cobra.Command{
		Use:    "serve CASE",
		Short:  "Compile a case, given as JSON, and run a step for each line of stdin",
		Hidden: true,
		Args:   oneArg("a case"),
	}
	addBackendFlag(cmd, &backend)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var c bench.Case
		if err := json.Unmarshal([]byte(args[0]), &c); err != nil {
			return usageError{fmt.Errorf("case %q: %w", args[0], err)}
		}
		b, err := platform.New(backend)
		if err != nil {
			return err
		}
		defer b.Finalize()
		return bench.Serve(b, c, cmd.InOrStdin(), cmd.OutOrStdout())
	}
	return cmd
}

// sayLoad warns if the machine is busy.
func sayLoad(w io.Writer) {
	if average, busy := bench.Load(); busy {
		fmt.Fprintf(w, "load average %.1f: other work slows the measured steps; trust the ratios more than the seconds\n", average)
	}
}

// writeLines prints each value as a line of JSON.
func writeLines[T any](w io.Writer, values []T) error {
	lines := json.NewEncoder(w)
	for _, v := range values {
		if err := lines.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

// writeBench prints results as a table.
func writeBench(w io.Writer, results []bench.Result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "net\tnorm\timages\tpx\tstep min\tmedian\timages/s\tcompile\tpeak MiB\ttemporary MiB\tstep / bn\tcompile / bn\tpeak / bn\tdata wait")
	for _, r := range results {
		net := r.Net
		if !r.Activations.IsZero() {
			net += " " + r.Activations.String()
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%.4f\t%.4f\t%.1f\t%.1f\t%d\t%.0f", net, r.Norm, r.Images, r.Size,
			r.StepSecondsMin, r.StepSecondsMedian, r.ImagesPerSecond, r.CompileSeconds, r.PeakRSSMiB, r.TemporaryMiB)
		if b := r.ToBN; b != nil {
			fmt.Fprintf(table, "\t%.3f\t%.3f\t%.3f", b.Step, b.Compile, b.PeakRSS)
		} else {
			fmt.Fprint(table, "\t–\t–\t–")
		}
		if w := r.DataWaitShare; w != nil {
			fmt.Fprintf(table, "\t%.1f %%\n", 100**w)
		} else {
			fmt.Fprint(table, "\t–\n")
		}
	}
	return table.Flush()
}
