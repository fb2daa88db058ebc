package featurecache

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestPrune: files that were not opened for long go, unless a process has them open.
func TestPrune(t *testing.T) {
	dir, month := t.TempDir(), 30*24*time.Hour
	age := func(key string) {
		t.Helper()
		old := time.Now().Add(-2 * month)
		if err := os.Chtimes(filepath.Join(dir, key+".features"), old, old); err != nil {
			t.Fatal(err)
		}
	}
	open := func(key string) *Cache {
		t.Helper()
		c, err := Open(t.Context(), dir, key, 3)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, key := range []string{"old", "opened again", "fresh"} {
		if err := open(key).Close(); err != nil {
			t.Fatal(err)
		}
	}
	age("old")
	age("opened again")
	if err := open("opened again").Close(); err != nil {
		t.Fatal(err)
	}
	held := open("held")
	age("held")
	if err := Prune(dir, month); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{"old": false, "opened again": true, "fresh": true, "held": true} {
		if _, err := os.Stat(filepath.Join(dir, key+".features")); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", key, err, want)
		}
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
}
