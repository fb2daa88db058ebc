package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFullRunID: a prefix stands for the only run that begins with it, among networks
// and results.
func TestFullRunID(t *testing.T) {
	out := t.TempDir()
	for _, id := range []string{"abc111", "abc222", "ab", "def333"} {
		if err := os.MkdirAll(filepath.Join(out, "runs", id), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	line := `{"id":"fed444","norm":"rn","points":[{"step":1}]}` + "\n"
	if err := os.WriteFile(filepath.Join(out, "results.jsonl"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]string{"abc1": "abc111", "abc222": "abc222", "ab": "ab", "d": "def333", "fed": "fed444", "nope": "nope", "": ""} {
		if got, err := fullRunID(out, prefix); err != nil || got != want {
			t.Errorf("prefix %q is %q, %v, want %q", prefix, got, err, want)
		}
	}
	for _, args := range []string{"eval --run abc", "export --run abc --file x.safetensors", "plot alignment --json --run abc", "report --file x.html --run def,abc"} {
		code, _, stderr := call(append(strings.Fields(args), "--out", out)...)
		if code != exitUsage || !strings.Contains(stderr, "2 runs in "+out+" begin with it: abc111, abc222") {
			t.Errorf("rn %s: exit code %d, stderr %q", args, code, stderr)
		}
	}
	if code, _, stderr := call("eval", "--run", "def", "--out", out); code != exitFailed || !strings.Contains(stderr, "run def333") {
		t.Errorf("exit code %d, stderr %q, want the run def333 without checkpoints", code, stderr)
	}
}
