package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestPlot draws recorded results into several files and prints their numbers.
func TestPlot(t *testing.T) {
	svg, png := filepath.Join(t.TempDir(), "curves.svg"), filepath.Join(t.TempDir(), "curves.png")
	code, stdout, stderr := call("plot", "curves", "--out", "../../experiments/results/office-caltech10", "--source", "webcam", "--norm", "bn,rn",
		"--file", svg+","+png, "--theme", "dark", "--width", "120", "--dpi", "100", "--json")
	if code != 0 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "have no checksum") { // recorded by an older version
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
	var lines []struct{ Name string }
	if err := json.Unmarshal([]byte(stdout), &lines); err != nil || len(lines) != 6 || lines[0].Name != "bn, source-only" {
		t.Errorf("numbers of %+v, %v, want two norms with three objectives", lines, err)
	}
	data, err := os.ReadFile(svg)
	if err != nil || !bytes.Contains(data, []byte(`width="340.16pt"`)) || !bytes.Contains(data, []byte("webcam → caltech10")) { // 120 mm in points
		t.Errorf("%v: %.300s", err, data)
	}
	if data, err = os.ReadFile(png); err != nil || !bytes.HasPrefix(data, []byte("\x89PNG")) {
		t.Errorf("%v: %.8q", err, data)
	}
}

// TestPlotAtItsDefaults checks that figures of recorded results fit the default width.
func TestPlotAtItsDefaults(t *testing.T) {
	for _, args := range []string{
		"ablation --out ../../experiments/results/digits-components",
		"curves --out ../../experiments/results/digits-components",
		"bars --out ../../experiments/results/office-caltech10 --objective cdan-e",
		"gates-by-layer --out ../../experiments/results/office-caltech10-finetuned",
		"gates --layer bottleneck --out ../../experiments/results/office-caltech10-finetuned",
	} {
		file := filepath.Join(t.TempDir(), "figure.svg")
		if code, _, stderr := call(append(strings.Fields("plot "+args), "--file", file)...); code != 0 {
			t.Errorf("rn plot %s: exit code %d, stderr %q", args, code, stderr)
		}
	}
}

// TestPlotFailures checks the exit code 1 and the reason, and that no file is written.
func TestPlotFailures(t *testing.T) {
	file := filepath.Join(t.TempDir(), "figure.svg")
	for _, c := range []struct{ args, want string }{
		{"plot curves --out nope", "no results.jsonl in nope"},
		{"plot curves --out ../../experiments/results/office-caltech10", "36 lines, of which 8"},
		{"plot curves --out ../../experiments/results/digits --norm dwt", "no result in"},
		{"plot correlation --out ../../experiments/results/digits", "there are no runs in it"},
		{"plot correlation --run feedfacecafe --out ../../experiments/results/digits", `no run "feedfacecafe"`},
		{"plot adistance --out ../../experiments/results/digits", "has no saved network of these runs"},
		{"plot ablation --out ../../experiments/results/digits", "rn ablate"},
		{"plot gates --out ../../experiments/results/digits --norm bn", "no result has gates"},
	} {
		code, stdout, stderr := call(append(strings.Fields(c.args), "--file", file)...)
		if code != exitFailed || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want code 1 and %q", c.args, code, stdout, stderr, c.want)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("rn %s wrote a file", c.args)
		}
	}
}

// TestPlotList checks that plot list prints the same as list figures.
func TestPlotList(t *testing.T) {
	_, want, _ := call("list", "figures")
	code, got, _ := call("plot", "list")
	if code != 0 || got != want || !strings.Contains(got, "adistance") {
		t.Errorf("exit code %d, %s\nwant\n%s", code, got, want)
	}
}

// TestSelectsRuns checks that a figure of one run shows the latest RN run, preferably
// one whose network is saved.
func TestSelectsRuns(t *testing.T) {
	out := t.TempDir()
	results := []record.Result{{ID: "a", Norm: "rn"}, {ID: "b", Norm: "rn"}, {ID: "c", Norm: "bn"}}
	var s selection
	one := func() string {
		r, err := s.one(results, out)
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	if got := one(); got != "b" {
		t.Errorf("run %s, want b, the latest of RN", got)
	}
	for _, id := range []string{"a", "c"} {
		if err := os.MkdirAll(filepath.Join(out, "runs", id, "checkpoints", "step-00000001"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := one(); got != "a" {
		t.Errorf("run %s, want a, the RN run with a saved network", got)
	}
	if got := s.saved(results, out); strings.Join(got, " ") != "a c" {
		t.Errorf("runs %v, want a and c, with saved networks", got)
	}
	s.runs = []string{"c"}
	if got := one(); got != "c" {
		t.Errorf("run %s, want c, as named", got)
	}
}

// TestPlotCompletion checks that kinds, runs and layers are offered.
func TestPlotCompletion(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"__complete plot al", "alignment"},
		{"__complete plot bars --out ../../experiments/results/digits --run x", "533ca7d09cfb\tmnist → uci"},
		{"__complete plot gates --out ../../experiments/results/office-caltech10-finetuned --layer x", "layer4/2/conv3\n"},
	} {
		_, stdout, _ := call(strings.Fields(c.args)...)
		if !strings.Contains(stdout, c.want) {
			t.Errorf("rn %s prints %q, want %q", c.args, stdout, c.want)
		}
	}
}
