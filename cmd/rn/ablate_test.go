package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
)

const (
	// commandProcess turns the test binary into the command.
	commandProcess = "RN_TEST_COMMAND"
	// hanging makes that command hang and ignore its context.
	hanging = "RN_TEST_HANGING"
)

func TestMain(m *testing.M) {
	if os.Getenv(hanging) != "" {
		endAbortsInALine()
		interruptible(os.Stderr, saves(os.Args[1:]))
		fmt.Fprintln(os.Stderr, "hanging")
		select {}
	}
	if os.Getenv(commandProcess) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process returns the command as a process of its own that compiles fast, without
// optimization.
func process(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), commandProcess+"=1", xlaflags.Env+"="+xlaflags.Fast)
	return cmd
}

// TestAblateWrongUse checks the exit code 2 and the line on stderr.
func TestAblateWrongUse(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"ablate", "ablate needs one argument, a suite: one of components, gate-range"},
		{"ablate nope", `unknown suite "nope": want one of components`},
		{"ablate components gate-range", "got 2 arguments"},
		{"ablate components --norm bn", "it varies RN, but the norm is bn"},
		{"ablate components --norm nope", "want one of bn"},
		{"ablate components --variants bn,nope", `unknown variant "nope" of suite components: want one of bn, ds, rc-only-0.5`},
		{"ablate components --shard 3/2", "shard 3/2: want an index from 1"},
		{"ablate components --shard 1of2", "INDEX/COUNT"},
		{"ablate components --seeds 0", "0 seeds"},
		{"ablate components --jobs 0", "--jobs 0"},
		{"ablate placement --recipe office-caltech10", "there is no other place"},
		{"ablate norms --norm-at conv9", "conv1, conv2, hidden"},
		{"ablate table --format nope", "terminal, markdown, latex, csv, json"},
		{"ablate table --choice nope", "last, infomax, entropy, snd, oracle"},
		{"ablate table nope", `unknown suite "nope"`},
		{"ablate table --code a --any-version", "only one of --code and --any-version"},
		{"ablate list nope", `unknown suite "nope"`},
		{"ablate list norms groups", "ablate list needs at most one argument, a suite"},
		{"ablate submit components", "one of --slurm and --kubernetes"},
		{"ablate submit components --slurm --shards 99", "only 18 runs"},
		{"ablate submit components --kubernetes", "container image"},
		{"ablate submit components --kubernetes --image rn --claim data --mount /data --out out", "--out out is not below --mount /data"},
		{"ablate submit components --kubernetes --image rn --claim data --mount /data --out /database", "--out /database is not below"},
		{"ablate submit nope --slurm", "unknown suite"},
	} {
		code, stdout, stderr := call(strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want code 2 and %q", c.args, code, stdout, stderr, c.want)
		}
	}
	code, _, stderr := call("ablate", "table", "--out", t.TempDir())
	if code != exitFailed || !strings.Contains(stderr, "no results.jsonl") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	t.Setenv("SLURM_ARRAY_TASK_ID", "x")
	code, _, stderr = call("ablate", "components", "--out", t.TempDir())
	if code != exitUsage || !strings.Contains(stderr, `$SLURM_ARRAY_TASK_ID is "x"`) {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

// TestAblateList checks that every suite is listed, and what does not apply.
func TestAblateList(t *testing.T) {
	code, text, stderr := call("ablate", "list", "--recipe", "office-caltech10")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	for _, s := range ablations.All() {
		if !strings.Contains(text, s.Name+": "+s.Summary) {
			t.Errorf("no %s in:\n%s", s.Name, text)
		}
	}
	for _, want := range []string{"does not apply: suite placement", "group-1        each channel alone (does not apply: ", "rn             RC and RA (base row)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	_, lines, _ := call("ablate", "list", "gate-range", "--json")
	d := json.NewDecoder(strings.NewReader(lines))
	for _, want := range []string{"gate-0", "gate-0.25", "gate-0.5", "gate-0.75"} {
		var v listedVariant
		if err := d.Decode(&v); err != nil || v.Name != want || v.Suite != "gate-range" || v.Base != (want == "gate-0.5") {
			t.Errorf("%+v, %v, want %s", v, err, want)
		}
	}
}

// TestAblateSubmit checks that the job runs the command with the given flags, in the
// given order, and no others.
func TestAblateSubmit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "job.sh")
	code, stdout, stderr := call("ablate", "submit", "gate-range", "--seeds", "2", "--norm-at", "conv1,hidden", "--jobs", "2", "--no-compensation", "--out", "my out",
		"--set", "optimizer.momentum=0.5", "--set", "norm_options.momentum=0.2",
		"--slurm", "--shards", "4", "--program", "rn", "--file", file)
	if code != 0 || stdout != "" || stderr != "8 runs in 4 shards\n" {
		t.Fatalf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := `exec rn ablate gate-range --seeds=2 --norm-at=conv1,hidden --jobs=2 --no-compensation=true '--out=my out' --set=optimizer.momentum=0.5 --set=norm_options.momentum=0.2 --shard "$SLURM_ARRAY_TASK_ID/4"` + "\n"
	if !strings.HasSuffix(string(text), want) {
		t.Errorf("script:\n%s\nwant its end:\n%s", text, want)
	}
	code, stdout, _ = call("ablate", "submit", "gate-range", "--kubernetes", "--image", "rn", "--claim", "data", "--mount", "/data", "--out", "/data/out", "--shards", "2")
	if code != 0 || !strings.Contains(stdout, `command: ["rn","ablate","gate-range","--out=/data/out"]`) {
		t.Errorf("exit code %d, manifest:\n%s", code, stdout)
	}
}

// TestAblateKilled kills a suite in the middle of a run: the same command continues it
// and ends with the same weights as a suite that was not killed.
func TestAblateKilled(t *testing.T) {
	requireTraining(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	args := func(out string) []string {
		return []string{"ablate", "components", "--source", "mnist", "--target", "uci", "--objective", "source-only", "--variants", "ds", "--seeds", "1", "--steps", "30",
			"--eval-every", "15", "--save-every", "1", "--batch-size", "8", "--train-limit", "100", "--backend", "xla:cpu", "--out", out}
	}
	whole, killed := t.TempDir(), t.TempDir()
	if out, err := process(ctx, args(whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := process(ctx, args(killed)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "step 15/30") {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the command ended before it was killed")
	}
	if records, err := ablations.Read(killed); err == nil {
		t.Fatalf("%d results after the kill", len(records))
	}
	resumed := process(ctx, args(killed)...)
	var table strings.Builder
	resumed.Stdout = &table
	if stderr, err = resumed.StderrPipe(); err != nil {
		t.Fatal(err)
	}
	if err := resumed.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := resumed.Wait(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if strings.Contains(string(said), "step 1/30") || strings.Contains(string(said), "step 15/30") || !strings.Contains(table.String(), "components on digits, mnist → uci") {
		t.Errorf("the run began again: stdout %q, stderr %q", table.String(), said)
	}
	var hashes []string
	for _, dir := range []string{whole, killed} {
		records, err := ablations.Read(dir)
		if err != nil || len(records) != 1 || records[0].Variant != "ds" || records[0].StateSHA256 == "" {
			t.Fatalf("%d records, error %v", len(records), err)
		}
		hashes = append(hashes, records[0].StateSHA256)
	}
	if hashes[0] != hashes[1] {
		t.Errorf("the variables' hash is %s, without the kill %s", hashes[1], hashes[0])
	}
}
