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

// Peer is a script that measures the same training step elsewhere. It takes
// --net, --per-domain, --size, --threads, --steps and --norms, and prints a
// [Result]'s first fields as a line of JSON a norm.
type Peer struct {
	Python, Script string
}

// Run has the script measure a case. It is a process of its own, so that the
// peak memory is this norm's.
func (p Peer) Run(ctx context.Context, c Case, threads, steps int) (Result, error) {
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
		return r, fmt.Errorf("%s does not print one line of JSON: %w: %q", p.Script, err, out)
	}
	if r.Net != c.Backbone || r.Norm != c.Norm || r.Images != c.Images() || r.Size != c.Size || r.StepSecondsMedian <= 0 || r.PeakRSSMiB <= 0 {
		return r, fmt.Errorf("%s measured %s", p.Script, bytes.TrimSpace(out))
	}
	r.Steps = steps
	return r, nil
}

// Turn is a measurement of ours and the peer's that follows it, a norm each.
type Turn struct{ Ours, Peer []Result }

// Turns measures a case with each of the norms so many times, by turns
// with the peer: ours, peer, ours, peer. found is called with every result.
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
				o.Log("the peer's %s", c)
			}
			theirs, err := p.Run(ctx, c, r.Threads, o.Steps)
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

// Comparison is what turns say of a norm: medians over turns.
type Comparison struct {
	Net    string `json:"net"`
	Norm   string `json:"norm"`
	Images int    `json:"images"`
	Size   int    `json:"size"`
	// Ours and Peer are the seconds of a step, OursMiB and PeerMiB the peak memory.
	Ours    float64 `json:"ours_step_seconds"`
	Peer    float64 `json:"peer_step_seconds"`
	OursMiB float64 `json:"ours_peak_rss_mib"`
	PeerMiB float64 `json:"peer_peak_rss_mib"`
	// ToPeer and MemoryToPeer are medians of the turns' ratios, ours over theirs.
	ToPeer       float64 `json:"step_to_peer"`
	MemoryToPeer float64 `json:"peak_rss_to_peer"`
	// ToBN is ours over our BN, and PeerToBN the same of the peer's; 0 without BN.
	ToBN     float64 `json:"step_to_bn"`
	PeerToBN float64 `json:"peer_step_to_bn"`
	// CompileToBN is ours over our BN; 0 without BN.
	CompileToBN float64 `json:"compile_to_bn"`
}

// Compare sums up the turns of a case, a norm each.
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
	base := slices.IndexFunc(turns[0].Ours, func(r Result) bool { return r.Norm == BaseNorm })
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
