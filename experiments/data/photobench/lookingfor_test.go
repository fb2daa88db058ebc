package photobench

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestLookingFor checks that looking for files is reported from the beginning to the
// end, but not if it is soon done.
func TestLookingFor(t *testing.T) {
	const files = 5000
	for _, after := range []time.Duration{0, time.Hour} {
		var calls []int
		l := &lookingFor{total: files, after: after, began: time.Now(), report: func(done, total int) {
			if calls = append(calls, done); total != files {
				t.Errorf("of %d files, want %d", total, files)
			}
		}}
		for range files {
			l.count()
		}
		if after > 0 {
			if len(calls) > 0 {
				t.Errorf("reported %v within %v", calls, after)
			}
			continue
		}
		if !slices.IsSorted(calls) || calls[0] != 1 || calls[len(calls)-1] != files || len(calls) != 1001 {
			t.Errorf("%d reports, the first %v, want 1001 that begin with 1 and end with %d", len(calls), calls[:3], files)
		}
	}
}

// TestLoadReports checks that Load looks for every file and says nothing when it is
// soon done.
func TestLoadReports(t *testing.T) {
	root := t.TempDir()
	for i := range 20 {
		writeEmpty(t, root, fmt.Sprintf("d/x/%d.jpg", i))
	}
	l := Location{Root: root, Progress: func(what string, done, total int) { t.Errorf("%s: %d of %d", what, done, total) }}
	if _, err := lookup(t, "custom").Load(l, "d"); err != nil {
		t.Fatal(err)
	}
	var what string
	l.Progress = func(w string, _, _ int) { what = w }
	l.reporter("d")(1, 2)
	if what != "files of d" {
		t.Errorf("reports on %q", what)
	}
	missing, err := missingFiles(t.Context(), []string{filepath.Join(root, "gone")}, nil)
	if err != nil || len(missing) != 1 {
		t.Errorf("missing %v, error %v", missing, err)
	}
}
