package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadme checks that the README has the tables of the recorded results.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	results := filepath.Join("..", "results")
	tables := map[string]string{"growth": growthTable(readLines[Growth](t, filepath.Join(results, "growth", "growth.jsonl")))}
	for _, gpu := range []string{"h100", "h200"} {
		ours := readLines[Result](t, filepath.Join(results, gpu, "bench.jsonl"))
		tables[gpu] = gpuTable(ours, readLines[peerResult](t, filepath.Join(results, gpu, "peer.jsonl")))
	}
	for name, table := range tables {
		if table == "" || !strings.Contains(string(readme), "|\n"+table+"\n") {
			t.Errorf("README.md does not have the table of %s:\n%s", name, table)
		}
	}
}

// peerResult is a line of torch/peer.py for a GPU.
type peerResult struct {
	Result
	ChannelsLast bool `json:"channels_last"`
}

// readLines reads a file of JSON lines.
func readLines[T any](t *testing.T, path string) []T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for lines := json.NewDecoder(bytes.NewReader(data)); ; {
		var line T
		if err := lines.Decode(&line); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, line)
	}
}

// growthTable returns the rows of layers.
func growthTable(all []Growth) string {
	var rows strings.Builder
	for _, g := range all {
		fmt.Fprintf(&rows, "| %d | %d | %d | %.2f | %.2f | %.2f | %.2f | %.0f %% | %.0f %% | %.2f |\n", g.Channels, g.Domains, g.Side,
			1e3*g.ConvolutionSeconds, 1e3*g.BNSeconds, 1e3*g.RNSeconds, 1e3*g.CorrelationSeconds, 100*g.BNShare, 100*g.RNShare, g.CorrelationToConvolution)
	}
	return rows.String()
}

// gpuTable returns the rows of training steps, with PyTorch's in channels-last
// layout where they were measured. BN precedes the norms that are compared with it.
func gpuTable(ours []Result, peers []peerResult) string {
	milliseconds := func(r Result) string {
		return fmt.Sprintf("%.1f / %.1f", 1e3*r.StepSecondsMin, 1e3*r.StepSecondsMedian)
	}
	var rows strings.Builder
	var bn Result
	for _, r := range ours {
		if r.Inference {
			continue
		}
		if r.Norm == baseNorm {
			bn = r
		}
		peer := "–"
		for _, p := range peers {
			if p.ChannelsLast && p.Net == r.Net && p.Norm == r.Norm && p.Activations.String() == r.Activations.String() {
				peer = milliseconds(p.Result)
			}
		}
		fmt.Fprintf(&rows, "| %s | %s | %s | %s | %.2f | %.2f | %.0f | %.0f | %s |\n", r.Net, r.Activations, r.Norm, milliseconds(r),
			r.ToBN.Step, r.StepSecondsMin/bn.StepSecondsMin, r.TemporaryMiB, r.CompileSeconds, peer)
	}
	return rows.String()
}
