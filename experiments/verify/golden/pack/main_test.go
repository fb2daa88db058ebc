package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// unpacked writes the JSON of the embedded files to a folder and returns their
// number.
func unpacked(t *testing.T, dir string) int {
	t.Helper()
	cases, n := os.DirFS("../cases"), 0
	err := fs.WalkDir(cases, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".gz") {
			return err
		}
		n++
		packed, err := fs.ReadFile(cases, name)
		if err != nil {
			return err
		}
		data, err := golden.Expand(packed)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(strings.TrimSuffix(name, ".gz")))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestPackAgain: packing the JSON of the embedded files gives the same files with
// the same contents, none of them above the limit. The bytes may differ with
// another version of Go's compressor.
func TestPackAgain(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	n := unpacked(t, from)
	stale := filepath.Join(to, "stale.json.gz")
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	size, err := pack(from, to)
	if err != nil {
		t.Fatal(err)
	}
	if size.files != n || n == 0 || size.bytes > 3<<20 {
		t.Errorf("%d files of %d bytes are packed, want %d of less than 3 MB", size.files, size.bytes, n)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a file that has no JSON is still there")
	}
	err = fs.WalkDir(os.DirFS(from), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		want, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		packed, err := os.ReadFile(filepath.Join(to, name+".gz"))
		if err != nil {
			return err
		}
		got, err := golden.Expand(packed)
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("%s: the contents differ", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPackRefuses: a bad file is an error before anything is written.
func TestPackRefuses(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	if _, err := pack(from, to); err == nil || !strings.Contains(err.Error(), "no .json file") {
		t.Errorf("empty folder: error %v", err)
	}
	unpacked(t, from)
	if err := os.WriteFile(filepath.Join(from, "zzz.json"), []byte(`{"kind":"layer"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := pack(from, to); err == nil || !strings.Contains(err.Error(), "zzz.json: layout: the key is missing") {
		t.Errorf("bad file: error %v", err)
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) > 0 {
		t.Errorf("%v are written, %v", entries, err)
	}
}
