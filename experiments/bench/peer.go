package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Peer is a Python script that measures the same training step in PyTorch, such as
// torch/peer.py. It takes --net, --norms, --per-domain, --size, --threads and
// --steps, and prints for each norm the first fields of a [Result] as a line of
// JSON. As in [Measure], --steps does not count warm-up steps.
type Peer struct {
	Python, Script string
}

// run runs the script for a case, in a process of its own so that the peak memory
// belongs to the case's norm.
func (p Peer) run(ctx context.Context, c Case, threads, steps int) (Result, error) {
	cmd := exec.CommandContext(ctx, p.Python, p.Script, "--net", c.Backbone, "--norms", c.Norm, "--per-domain", strconv.Itoa(c.PerDomain),
		"--size", strconv.Itoa(c.Size), "--threads", strconv.Itoa(threads), "--steps", strconv.Itoa(steps))
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		said := strings.TrimSpace(string(ended.Stderr))
		return Result{}, fmt.Errorf("%s: %w: %s", p.Script, err, said[strings.LastIndex(said, "\n")+1:])
	}
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", p.Script, err)
	}
	var r Result
	if err := json.Unmarshal(bytes.TrimSpace(out), &r); err != nil {
		return r, fmt.Errorf("%s did not print one line of JSON: %w: %q", p.Script, err, out)
	}
	if r.Net != c.Backbone || r.Norm != c.Norm || r.Images != c.images() || r.Size != c.Size || r.StepSecondsMedian <= 0 || r.PeakRSSMiB <= 0 {
		return r, fmt.Errorf("%s did not measure %s: it printed %s", p.Script, c, bytes.TrimSpace(out))
	}
	r.Steps = steps
	return r, nil
}

// Turn holds one measurement of every norm by us and by the peer.
type Turn struct{ Ours, Peer []Result }

// Turns measures a case with each of the norms, first here and then by the peer,
// and repeats that for the given number of turns. It calls found with every result.
func Turns(ctx context.Context, c Case, norms []string, p Peer, turns int, o Options, found func(Result) error) ([]Turn, error) {
	if turns < 1 {
		return nil, fmt.Errorf("bench: %d turns: want at least 1", turns)
	}
	if c.Inference {
		return nil, errors.New("bench: the peer measures training steps, not inference")
	}
	all := make([]Turn, turns)
	for i := range all {
		ours, err := Measure(ctx, c, norms, o)
		if err != nil {
			return nil, err
		}
		all[i].Ours = ours
		for _, r := range ours {
			if err := found(r); err != nil {
				return nil, err
			}
			c.Norm = r.Norm
			if o.Log != nil {
				o.Log("the peer measures %s", c)
			}
			theirs, err := p.run(ctx, c, r.Threads, o.Steps)
			if err != nil {
				return nil, err
			}
			if err := found(theirs); err != nil {
				return nil, err
			}
			all[i].Peer = append(all[i].Peer, theirs)
		}
	}
	return all, nil
}

// Comparison summarizes the turns of a norm by medians.
type Comparison struct {
	Net    string `json:"net"`
	Norm   string `json:"norm"`
	Images int    `json:"images"`
	Size   int    `json:"size"`
	// Ours and Peer are seconds per step, OursMiB and PeerMiB the peak memory.
	Ours    float64 `json:"ours_step_seconds"`
	Peer    float64 `json:"peer_step_seconds"`
	OursMiB float64 `json:"ours_peak_rss_mib"`
	PeerMiB float64 `json:"peer_peak_rss_mib"`
	// ToPeer and MemoryToPeer are medians of each turn's ratio of ours to the peer's.
	ToPeer       float64 `json:"step_to_peer"`
	MemoryToPeer float64 `json:"peak_rss_to_peer"`
	// ToBN is the ratio to our BN, PeerToBN the peer's ratio to its own; 0 if BN was
	// not measured.
	ToBN     float64 `json:"step_to_bn"`
	PeerToBN float64 `json:"peer_step_to_bn"`
	// CompileToBN is the ratio of our compile times; 0 if BN was not measured.
	CompileToBN float64 `json:"compile_to_bn"`
}

// Compare summarizes the turns of a case, with a comparison for each norm.
func Compare(turns []Turn) []Comparison {
	if len(turns) == 0 {
		return nil
	}
	over := func(value func(r Turn) float64) float64 {
		var values []float64
		for _, r := range turns {
			values = append(values, value(r))
		}
		return rounded(median(values), 4)
	}
	base := slices.IndexFunc(turns[0].Ours, func(r Result) bool { return r.Norm == baseNorm })
	var all []Comparison
	for i, first := range turns[0].Ours {
		c := Comparison{
			Net: first.Net, Norm: first.Norm, Images: first.Images, Size: first.Size,
			Ours:    over(func(r Turn) float64 { return r.Ours[i].StepSecondsMedian }),
			Peer:    over(func(r Turn) float64 { return r.Peer[i].StepSecondsMedian }),
			OursMiB: over(func(r Turn) float64 { return float64(r.Ours[i].PeakRSSMiB) }),
			PeerMiB: over(func(r Turn) float64 { return float64(r.Peer[i].PeakRSSMiB) }),
			ToPeer:  over(func(r Turn) float64 { return r.Ours[i].StepSecondsMedian / r.Peer[i].StepSecondsMedian }),
			MemoryToPeer: over(func(r Turn) float64 {
				return float64(r.Ours[i].PeakRSSMiB) / float64(r.Peer[i].PeakRSSMiB)
			}),
		}
		if base >= 0 {
			c.ToBN = over(func(r Turn) float64 { return r.Ours[i].ToBN.Step })
			c.CompileToBN = over(func(r Turn) float64 { return r.Ours[i].ToBN.Compile })
			c.PeerToBN = over(func(r Turn) float64 { return r.Peer[i].StepSecondsMedian / r.Peer[base].StepSecondsMedian })
		}
		all = append(all, c)
	}
	return all
}
