package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/errortest"
)

// sum returns the sha256 of data in hexadecimal.
func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// fakeCommand puts a shell script called name before everything else on PATH.
func fakeCommand(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// wantError fails the test unless err is one line that contains all the parts.
var wantError = errortest.OneLine

func TestCacheDir(t *testing.T) {
	t.Setenv(CacheEnv, "some/cache")
	working, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := CacheDir(); err != nil || got != filepath.Join(working, "some", "cache") {
		t.Errorf("CacheDir() = %q, %v; want an absolute path for a relative $%s", got, err, CacheEnv)
	}
	if runtime.GOOS != "linux" {
		return
	}
	t.Setenv(CacheEnv, "")
	t.Setenv("XDG_CACHE_HOME", "/somewhere")
	if got, err := CacheDir(); err != nil || got != "/somewhere/reciprocalnorm" {
		t.Errorf("CacheDir() = %q, %v", got, err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	_, err = CacheDir()
	wantError(t, err, CacheEnv)
}

func TestSHA256File(t *testing.T) {
	path := filepath.Join(t.TempDir(), "abc")
	if err := os.WriteFile(path, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	// FIPS 180-2, appendix B.1.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got, err := SHA256File(path); err != nil || got != want {
		t.Errorf("SHA256File = %q, %v, want %q", got, err, want)
	}
	if _, err := SHA256File(path + "d"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("SHA256File of nothing = %v", err)
	}
}

func TestExplainFull(t *testing.T) {
	for _, err := range []error{
		&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC},
		errors.New("pip failed: OSError: [Errno 28] No space left on device"),
	} {
		wantError(t, explainFull(err), "disk full", CacheEnv)
	}
	if err := errors.New("other"); explainFull(err) != err || explainFull(nil) != nil {
		t.Error("explainFull changed an error that is about something else")
	}
}

func TestLastLines(t *testing.T) {
	for _, test := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 2, ""},
		{"\n  \n", 2, ""},
		{"a\nb\r\n\n c \n", 2, "b; c"},
		{"a", 3, "a"},
	} {
		if got := lastLines(test.in, test.n); got != test.want {
			t.Errorf("lastLines(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
		}
	}
}

func ExampleSHA256File() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(SHA256File(path))
	// Output: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 <nil>
}
