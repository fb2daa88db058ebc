//go:build unix

package photo

import (
	"path/filepath"
	"syscall"
	"testing"
)

// pipe makes a pipe without a writer.
func pipe(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "pipe.jpg")
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
