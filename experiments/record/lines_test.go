package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// resultsText is what two results' lines hold.
func resultsText(t *testing.T) (text []byte, results []Result) {
	t.Helper()
	dir := t.TempDir()
	for seed, accuracy := range []float64{0.25, 0.75} {
		if err := toyResult(t, int64(seed), accuracy).Append(dir); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, ResultsFile))
	if err != nil {
		t.Fatal(err)
	}
	if results, err = parseResults(string(text)); err != nil || len(results) != 2 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	return text, results
}

// TestFlippedBits: whatever bit of a results file is flipped, an error names a line,
// and the results that are read are as they were written.
func TestFlippedBits(t *testing.T) {
	text, want := resultsText(t)
	for at := range text {
		bad := slices.Clone(text)
		bad[at] ^= 1 << (at % 8)
		results, err := parseResults(string(bad))
		if err == nil || !strings.Contains(err.Error(), ", line ") {
			t.Fatalf("bit %d of byte %d: error %v", at%8, at, err)
		}
		for _, r := range results {
			if !reflect.DeepEqual(r, want[r.Seed]) {
				t.Fatalf("bit %d of byte %d: %+v is read", at%8, at, r)
			}
		}
	}
}

// TestWithoutChecksum: lines of older versions are read, beside lines with checksums.
func TestWithoutChecksum(t *testing.T) {
	text, want := resultsText(t)
	old, err := json.Marshal(want[0])
	if err != nil {
		t.Fatal(err)
	}
	_, second, _ := bytes.Cut(text, []byte("\n"))
	dir := t.TempDir()
	path := filepath.Join(dir, ResultsFile)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Unchecked(dir); err != nil {
		t.Errorf("all lines have checksums: warning %v", err)
	}
	if err := os.WriteFile(path, slices.Concat(old, []byte("\n"), second), 0o644); err != nil {
		t.Fatal(err)
	}
	results, err := Read(dir)
	if err != nil || !reflect.DeepEqual(results, want) {
		t.Errorf("%+v, %v, want %+v", results, err, want)
	}
	if err := Unchecked(dir); err == nil || !strings.Contains(err.Error(), "1 of 2 lines in "+dir) {
		t.Errorf("warning %v", err)
	}
}

// TestRecordedResults: the results in the repository, which older versions wrote, can
// be read.
func TestRecordedResults(t *testing.T) {
	for _, name := range []string{"digits", "digits-bfloat16", "digits-components", "digits-h100", "office-caltech10", "office-caltech10-finetuned"} {
		if results, err := Read(filepath.Join("..", "results", name)); err != nil || len(results) == 0 {
			t.Errorf("%s: %d results, %v", name, len(results), err)
		}
	}
}

func TestAppendLineRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), ResultsFile)
	if err := AppendLine(path, []int{1}); err == nil || !strings.Contains(err.Error(), "not a JSON object") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was created")
	}
}
