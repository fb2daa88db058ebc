//go:build unix

package cache

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// newCacheBelow returns a cache with the entry {1: "code"} two folders below its root, and the paths from the root to
// the entry.
func newCacheBelow(t *testing.T) (config Config, paths []string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	config = Config{Root: root, Dir: filepath.Join(root, "rn", "xla")}
	cache, _ := newCache(t, config)
	if !cache.write(key{1}, []byte("code")) {
		t.Fatal(cache.Problem())
	}
	return config, []string{root, filepath.Join(root, "rn"), cache.Dir, cache.path(key{1})}
}

// wantOff fails the test unless a new cache of the folder is off, with one line that names the path and the fix, and
// unless the cache works again after the fix.
func wantOff(t *testing.T, config Config, path, fix string) {
	t.Helper()
	cache, warnings := newCache(t, config)
	for range 2 {
		if payload, found := cache.read(key{1}); found {
			t.Errorf("%s: read %q", fix, payload)
		}
		if cache.write(key{2}, []byte("new")) {
			t.Errorf("%s: an entry was written", fix)
		}
	}
	wantWarning(t, warnings, "switched off: "+path+" ")
	if err := cache.Problem(); err == nil || !strings.Contains(err.Error(), "`"+fix+"`") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the problem is %v, want one line with %q", err, fix)
	}
	if out, err := exec.Command("sh", "-c", fix).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", fix, err, out)
	}
	cache, warnings = newCache(t, config)
	if payload, found := cache.read(key{1}); !found || !bytes.Equal(payload, []byte("code")) {
		t.Errorf("after %s: read %q, %v", fix, payload, found)
	}
	wantWarning(t, warnings, "")
}

// TestOthersCanWrite: a folder from the root down, or an entry, that others can write to switches the cache off, and the
// command in the warning mends it.
func TestOthersCanWrite(t *testing.T) {
	config, paths := newCacheBelow(t)
	for _, path := range paths {
		for _, mode := range []os.FileMode{0o020, 0o002} {
			if err := os.Chmod(path, 0o700|mode); err != nil {
				t.Fatal(err)
			}
			wantOff(t, config, path, "chmod go-w "+path)
		}
	}
}

// TestOtherOwner: a folder from the root down, or an entry, that belongs to another user switches the cache off, and the
// command in the warning mends it.
func TestOtherOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to give files to other users")
	}
	config, paths := newCacheBelow(t)
	for _, path := range paths {
		const alice = 54321
		if err := os.Chown(path, alice, alice); err != nil {
			t.Fatal(err)
		}
		wantOff(t, config, path, "chown 0 "+path)
	}
}
