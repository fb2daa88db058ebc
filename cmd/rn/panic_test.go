package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPanicLine: a panic becomes one line that says where to report it and keeps the
// stack trace in a file; without memory the line says what helps.
func TestPanicLine(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	line := panicLine(errors.New("index out of range\nsecond line"), []byte("goroutine 1"))
	_, path, ok := strings.Cut(line, "with the stack trace in ")
	trace, err := os.ReadFile(path)
	if !ok || err != nil || !strings.HasPrefix(line, "rn: internal error: index out of range: please report it at "+issuesPage) || strings.Contains(line, "\n") {
		t.Errorf("%q: %v", line, err)
	}
	if !strings.Contains(string(trace), "second line") || !strings.Contains(string(trace), "goroutine 1") {
		t.Errorf("trace %q", trace)
	}
	line = panicLine("RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes.\nmore", nil)
	if !strings.HasPrefix(line, "rn: out of memory: RESOURCE_EXHAUSTED") || !strings.HasSuffix(line, "smaller images") || strings.Contains(line, "\n") {
		t.Errorf("%q", line)
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	if line := panicLine("x", nil); !strings.HasSuffix(line, "without a stack trace") {
		t.Errorf("%q", line)
	}
}

// TestPanic: a command that panics ends with the exit code of a failure.
func TestPanic(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var stderr bytes.Buffer
	code := withoutPanic(&stderr, func() int {
		var none []int
		return none[len(os.Args)]
	})
	if code != exitFailed || !strings.HasPrefix(stderr.String(), "rn: internal error: runtime error: index out of range") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("exit code %d, %q", code, stderr.String())
	}
	if code := withoutPanic(&stderr, func() int { return 5 }); code != 5 {
		t.Errorf("exit code %d of a command that returns 5", code)
	}
}
