package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/data/photobench"
)

// TestDataWrongUse checks the exit code 2 and the line on stderr.
func TestDataWrongUse(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"data nope", `"nope"`},
		{"data list extra", `"extra"`},
		{"data check", "office-home, office-31"},
		{"data check nope --root .", `unknown benchmark "nope"`},
		{"data check office-31", "--root"},
		{"data check custom --root . --decode-memory 0", "want a number of mebibytes"},
		{"data check custom --root . --decode-memory 1GB", "want a number of mebibytes"},
		{"data check a b --root .", "data check needs one argument"},
	} {
		code, stdout, stderr := call(strings.Fields(c.args)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want code 2 and %q", c.args, code, stdout, stderr, c.want)
		}
	}
}

// TestDataCheckMemory checks that a photograph that takes more memory to decode than
// --decode-memory allows is a problem, and that the files left out are a warning.
func TestDataCheckMemory(t *testing.T) {
	defer photo.SetMemory(photo.DefaultMemory)
	root := t.TempDir()
	var large bytes.Buffer
	if err := png.Encode(&large, image.NewGray(image.Rect(0, 0, 2000, 1000))); err != nil {
		t.Fatal(err)
	}
	class := filepath.Join(root, "day", "bike")
	if err := os.MkdirAll(class, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"1.png": large.Bytes(), "2.heic": nil} {
		if err := os.WriteFile(filepath.Join(class, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		flag string
		code int
		want string
	}{
		{"--decode-memory=64", 0, "no problems"},
		{"--decode-memory=8", exitFailed, "1.png: png of 2000×1000 pixels: decoding takes 20 MiB of memory, the limit is 8 MiB"},
	} {
		code, stdout, stderr := call("data", "check", "custom", "--root", root, c.flag)
		if code != c.code || !strings.Contains(stdout, c.want) || !strings.Contains(stdout, "warning: day: 1 file left out: 1 .heic") {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q", c.flag, code, stdout, stderr)
		}
	}
}

// TestDataList checks that the table and the lines of JSON have every benchmark.
func TestDataList(t *testing.T) {
	code, table, stderr := call("data", "list")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	code, lines, stderr := call("data", "list", "--json")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	decoder := json.NewDecoder(strings.NewReader(lines))
	for _, want := range photobench.All() {
		var got photobench.Benchmark
		if err := decoder.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Name != want.Name || got.Classes != want.Classes || len(got.Domains) != len(want.Domains) || len(got.Tasks) != len(want.Tasks) {
			t.Errorf("%+v, want %+v", got, want)
		}
		if !strings.Contains(table, want.Name) {
			t.Errorf("no %s in\n%s", want.Name, table)
		}
	}
	if !strings.Contains(table, "Real_World 4357") {
		t.Errorf("no domains in\n%s", table)
	}
}

// TestDataCheck checks the exit code 0 for good photographs, and 1 for problems, which
// are reported, and for missing folders.
func TestDataCheck(t *testing.T) {
	root := t.TempDir()
	const pixel = "GIF89a\x01\x00\x01\x00\x80\x01\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
	file := func(name, content string) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file("day/bike/1.gif", pixel)
	file("night/bike/1.gif", pixel)
	code, stdout, stderr := call("data", "check", "custom", "--root", root)
	if code != 0 || !strings.Contains(stdout, "custom: no problems") || !strings.Contains(stdout, "warning: across domains") || stderr != "" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	file("night/bike/2.gif", "no image")
	code, stdout, stderr = call("data", "check", "custom", "--root", root)
	if code != exitFailed || !strings.Contains(stdout, "files that cannot be decoded: 1") || strings.Contains(stderr, "rn:") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	code, stdout, _ = call("data", "check", "custom", "--root", root, "--json")
	var report struct {
		OK *bool `json:"ok"`
		photobench.Report
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatalf("%v: %q", err, stdout)
	}
	if code != exitFailed || report.OK == nil || *report.OK || len(report.Domains) != 2 || len(report.Domains[1].Broken) != 1 {
		t.Errorf("exit code %d, %+v", code, report)
	}
	code, stdout, stderr = call("data", "check", "office-31", "--root", filepath.Join(root, "gone"))
	if code != exitFailed || stdout != "" || !strings.Contains(stderr, "gone") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}
