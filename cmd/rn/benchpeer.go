package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/bench"
)

// newBenchPeer returns `rn bench peer`.
func newBenchPeer() *cobra.Command {
	var peer bench.Peer
	var nets, norms []string
	var turns, size int
	var o bench.Options
	var backend string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "peer",
		Short: "Compare time and memory of training steps with PyTorch",
		Long: `Measures like rn bench, lets a PyTorch script measure the same networks and norms, and repeats both --runs
times. Prints a Markdown table with medians over the runs: of each run's median step, and of each run's
ratios. make bench-peer installs PyTorch and runs this command.

The script takes --net, --norms, --per-domain, --size, --threads and --steps, and prints one line of JSON with
net, norm, images, size, step_seconds_median and peak_rss_mib. It times --steps after a warm-up. It must know
the --norms; each norm gets a process of its own.`,
		Example: "  rn bench peer --python venv/bin/python --nets resnet18:8,resnet50:4 --runs 3",
		Args:    noArgs,
	}
	cmd.Flags().StringVar(&peer.Python, "python", "python3", "Python with torch and torchvision")
	cmd.Flags().StringVar(&peer.Script, "script", "experiments/bench/torch/peer.py", "PyTorch script; the default is relative to the repository")
	cmd.Flags().StringSliceVar(&nets, "nets", []string{"resnet18:8", "resnet50:4"}, "networks, `RESNET:IMAGES` each, with the images per domain")
	addNormsFlag(cmd, &norms, "bn", "rn")
	cmd.Flags().IntVar(&size, "size", bench.DefaultSize(""), "height and width of the images in pixels")
	cmd.Flags().IntVar(&turns, "runs", 3, "runs of both sides")
	addPairedFlag(cmd, &o)
	addBenchFlags(cmd, &o.Steps, 5, &backend, &asJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cases, err := peerCases(nets, size, norms, o.Steps)
		if err != nil {
			return err
		}
		if turns < 1 {
			return usageError{fmt.Errorf("--runs %d: want at least 1", turns)}
		}
		if _, err := os.Stat(peer.Script); err != nil {
			return fmt.Errorf("--script: %w", err)
		}
		log := cmd.ErrOrStderr()
		sayLoad(log)
		o.Start = startBench(backend)
		o.Log = func(format string, args ...any) { fmt.Fprintf(log, format+"\n", args...) }
		lines := json.NewEncoder(cmd.OutOrStdout())
		found := func(r bench.Result) error {
			if !asJSON {
				return nil
			}
			return lines.Encode(r)
		}
		var all []bench.Comparison
		for _, c := range cases {
			r, err := bench.Turns(cmd.Context(), c, norms, peer, turns, o, found)
			if err != nil {
				return err
			}
			all = append(all, bench.Compare(r)...)
		}
		if asJSON {
			return writeLines(cmd.OutOrStdout(), all)
		}
		return writePeer(cmd.OutOrStdout(), all)
	}
	return cmd
}

// peerCases parses ResNets given as NET:IMAGES.
func peerCases(nets []string, size int, norms []string, steps int) ([]bench.Case, error) {
	var all []bench.Case
	for _, net := range nets {
		name, images, _ := strings.Cut(net, ":")
		n, err := strconv.Atoi(images)
		if err != nil || name == bench.DigitsName {
			return nil, usageError{fmt.Errorf("--nets %q: want a ResNet and its images per domain, such as resnet50:4", net)}
		}
		cases, err := benchCases(bench.Case{PerDomain: n}, []string{name}, []int{size}, norms, steps)
		if err != nil {
			return nil, err
		}
		all = append(all, cases...)
	}
	if len(all) == 0 {
		return nil, usageError{errors.New("want at least one of --nets")}
	}
	return all, nil
}

// writePeer prints comparisons as a Markdown table.
func writePeer(w io.Writer, all []bench.Comparison) error {
	rows := [][]string{
		{"network, images, px", "norm", "step s", "PyTorch s", "ours / PyTorch", "peak MiB", "PyTorch MiB", "ours / PyTorch", "step / bn", "PyTorch's / bn", "compile / bn"},
	}
	rule := make([]string, len(rows[0]))
	for i := range rule {
		rule[i] = "---"
	}
	rows = append(rows, rule)
	ratio := func(v float64) string {
		if v == 0 {
			return "–"
		}
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	for _, c := range all {
		rows = append(rows, []string{
			fmt.Sprintf("%s, %d+%d, %d", c.Net, c.Images/2, c.Images/2, c.Size), c.Norm,
			strconv.FormatFloat(c.Ours, 'f', 3, 64), strconv.FormatFloat(c.Peer, 'f', 3, 64), ratio(c.ToPeer),
			strconv.FormatFloat(c.OursMiB, 'f', 0, 64), strconv.FormatFloat(c.PeerMiB, 'f', 0, 64), ratio(c.MemoryToPeer),
			ratio(c.ToBN), ratio(c.PeerToBN), ratio(c.CompileToBN),
		})
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | ")); err != nil {
			return err
		}
	}
	return nil
}
