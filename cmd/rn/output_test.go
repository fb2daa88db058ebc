package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestOutputsAreReplaced: commands replace their output files instead of writing over
// them, so that a killed command leaves the old page. A hard link to the old file
// shows the difference.
func TestOutputsAreReplaced(t *testing.T) {
	dir := t.TempDir()
	for name, write := range map[string]func(file string) error{
		"report": func(file string) error {
			return succeed("report", "--out", "../../experiments/results/digits", "--networks", "0", "--file", file)
		},
		"ablate submit": func(file string) error {
			return succeed("ablate", "submit", "gate-range", "--slurm", "--shards", "2", "--file", file)
		},
		"eval": func(file string) error {
			return writeFile(file, func(w io.Writer) error {
				_, err := io.WriteString(w, "class,recall\n")
				return err
			})
		},
	} {
		file, old := filepath.Join(dir, name), filepath.Join(dir, name+" of before")
		if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(file, old); err != nil {
			t.Skip(err)
		}
		if err := write(file); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if data, err := os.ReadFile(old); err != nil || string(data) != "old" {
			t.Errorf("%s wrote over the old file: %.20q, %v", name, data, err)
		}
		if data, err := os.ReadFile(file); err != nil || string(data) == "old" {
			t.Errorf("%s wrote nothing: %.20q, %v", name, data, err)
		}
	}
}

// succeed runs a command and returns what it says if it fails.
func succeed(args ...string) error {
	if code, _, stderr := call(args...); code != 0 {
		return errors.New(stderr)
	}
	return nil
}

// TestFailedOutput: the old file stays if the new content cannot be written.
func TestFailedOutput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "confusion.csv")
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := writeFile(file, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "old" {
		t.Errorf("the old file holds %q, %v", data, err)
	}
}
