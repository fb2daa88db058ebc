package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// script writes a shell script and returns it as a peer.
func script(t *testing.T, text string) Peer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "peer.sh")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return Peer{Python: "sh", Script: path}
}

// answer is a script that takes its arguments in the order of Peer.run and reports
// half a second for bn and a second for rn.
const answer = `
[ "$1 $3 $5 $7 $9 ${11}" = "--net --norms --per-domain --size --threads --steps" ] || exit 3
case $4 in bn) s=0.5 ;; *) s=1.0 ;; esac
echo "{\"framework\": \"torch 2\", \"net\": \"$2\", \"norm\": \"$4\", \"images\": $((2 * $6)), \"size\": $8, \"threads\": ${10},
 \"step_seconds_min\": $s, \"step_seconds_median\": $s, \"peak_rss_mib\": 500}"
`

// TestTurns checks that the peer measures each norm after us in a process of its
// own, and that ratios compare results of one turn.
func TestTurns(t *testing.T) {
	var log, found []string
	start := fakes(&log)
	c := Case{Backbone: "resnet18", PerDomain: 8, Size: 224}
	turns, err := Turns(context.Background(), c, []string{"bn", "rn"}, script(t, answer), 1,
		Options{Steps: 4, Paired: true, Start: start}, func(r Result) error {
			found = append(found, fmt.Sprintf("%s %s %d", r.Framework, r.Norm, r.Threads))
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"fake 1 bn 2", "torch 2 bn 2", "fake 1 rn 2", "torch 2 rn 2"}; !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
	all := Compare(turns)
	want := []Comparison{
		{"resnet18", "bn", 16, 224, 0.2, 0.5, 200, 500, 0.4, 0.4, 1, 1, 1},
		{"resnet18", "rn", 16, 224, 0.22, 1, 250, 500, 0.22, 0.5, 1.3, 2, 1.5},
	}
	if !slices.Equal(all, want) {
		t.Errorf("got  %+v\nwant %+v", all, want)
	}
}

// TestCompare checks that seconds are medians over turns, and that ratios are
// medians of each turn's ratio.
func TestCompare(t *testing.T) {
	turn := func(ours, peer float64) Turn {
		return Turn{Ours: []Result{{Norm: "rn", StepSecondsMedian: ours, PeakRSSMiB: 1}}, Peer: []Result{{Norm: "rn", StepSecondsMedian: peer, PeakRSSMiB: 2}}}
	}
	got := Compare([]Turn{turn(1, 1), turn(2, 4), turn(9, 10)})
	if len(got) != 1 || got[0].Ours != 2 || got[0].Peer != 4 || got[0].ToPeer != 0.9 || got[0].MemoryToPeer != 0.5 || got[0].ToBN != 0 || got[0].PeerToBN != 0 {
		t.Errorf("got %+v", got)
	}
	if Compare(nil) != nil {
		t.Error("Compare of no turns returns a comparison")
	}
}

// TestPeerFails checks the errors of a script that fails, prints something else or
// measures another case.
func TestPeerFails(t *testing.T) {
	c := Case{Backbone: "resnet18", Norm: "bn", PerDomain: 8, Size: 224}
	for want, text := range map[string]string{
		"exit status 3: no torch":            "echo traceback >&2; echo no torch >&2; exit 3",
		"did not print one line of JSON":     "echo hello",
		"did not print one line of JSON: in": `echo '{}'; echo '{}'`,
		`did not measure resnet18 with bn, 8+8 at 224 px, training: it printed {"net": "resnet50"}`: `echo '{"net": "resnet50"}'`,
	} {
		if _, err := script(t, text).run(context.Background(), c, 2, 5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := (Peer{Python: "no-such-python", Script: "x.py"}).run(context.Background(), c, 2, 5); err == nil || !strings.Contains(err.Error(), "no-such-python") {
		t.Errorf("error %v", err)
	}
	found := func(Result) error { return nil }
	if _, err := Turns(context.Background(), c, []string{"bn"}, script(t, answer), 0, Options{Steps: 1}, found); err == nil || !strings.Contains(err.Error(), "0 turns") {
		t.Errorf("error %v", err)
	}
	c.Inference = true
	if _, err := Turns(context.Background(), c, []string{"bn"}, script(t, answer), 1, Options{Steps: 1}, found); err == nil || !strings.Contains(err.Error(), "inference") {
		t.Errorf("error %v", err)
	}
}
