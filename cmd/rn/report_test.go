package main

import (
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// TestReport writes the page of recorded results into a new folder and checks that it
// shows the command of each run.
func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pages", "report.html")
	const results = "../../experiments/results/digits"
	code, stdout, stderr := call("report", "--out", results, "--file", file, "--root", "my data")
	if code != 0 || stdout != "" || !strings.Contains(stderr, "the networks of 18 of 18 runs") {
		t.Fatalf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(string(data))
	all, err := record.Read(results)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		line, err := trainCommand(r.Config, environment.Images{Root: "my data"})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(line, "--root 'my data'") || !strings.Contains(page, line) || !strings.Contains(page, r.ID) {
			t.Errorf("the page lacks %s of run %s", line, r.ID)
		}
	}
	if code, _, stderr := call("report", "--out", t.TempDir(), "--file", file); code != exitFailed || !strings.Contains(stderr, "no results.jsonl") {
		t.Errorf("an empty folder: exit code %d, stderr %q", code, stderr)
	}
}
