package photobench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fakeDecode fails on files that begin with "bad".
func fakeDecode(path string) error {
	content, err := os.ReadFile(path)
	if err == nil && bytes.HasPrefix(content, []byte("bad")) {
		err = fmt.Errorf("%s: not a photograph", path)
	}
	return err
}

func TestCheck(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"a/x/1.jpg": "a1", "a/x/2.jpg": "same", "a/x/3.jpg": "same", "a/y/1.jpg": "a2",
		"b/X/1.jpg": "b1", "b/z/1.jpg": "same", "b/z/2.jpg": "bad", "b/z/3.jpg": "bad",
		"c.txt": "c/x/1.jpg 0\nc/y/gone.jpg 1\n", "c/x/1.jpg": "c1",
		"d/1.jpg": "",
	})
	var calls []int
	r, err := lookup(t, "custom").check(t.Context(), Location{Root: root}, func(done, total int) {
		if calls = append(calls, done); total != 9 {
			t.Errorf("%d of %d, want 9", done, total)
		}
	}, fakeDecode)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(calls) || len(calls) != 9 || calls[8] != 9 {
		t.Errorf("progress was %v", calls)
	}
	if len(r.Domains) != 4 {
		t.Fatalf("domains %+v", r.Domains)
	}
	a, b, c, d := r.Domains[0], r.Domains[1], r.Domains[2], r.Domains[3]
	if a.Photographs != 4 || a.Classes != 2 || a.Smallest != (ClassCount{"y", 1}) || len(a.Duplicates) != 1 || len(a.Duplicates[0].Files) != 2 || len(a.Broken)+len(a.Missing) != 0 {
		t.Errorf("a: %+v", a)
	}
	if len(b.Broken) != 2 || b.Broken[0] != (BrokenFile{filepath.Join(root, "b", "z", "2.jpg"), "not a photograph"}) || len(b.Duplicates) != 0 {
		t.Errorf("b: %+v", b)
	}
	if len(c.Missing) != 1 || c.Missing[0] != filepath.Join(root, "c", "y", "gone.jpg") || c.Photographs != 2 {
		t.Errorf("c: %+v", c)
	}
	if !strings.Contains(d.Error, "no folders") {
		t.Errorf("d: %+v", d)
	}
	if len(r.Duplicates) != 1 || len(r.Duplicates[0].Files) != 3 || !slices.Equal(r.Duplicates[0].Classes, []string{"x", "z"}) {
		t.Errorf("duplicates %+v", r.Duplicates)
	}
	problems := []string{"b: files that cannot be decoded: 2", `class 1 is "y" in a, "z" in b`, "c: missing files: 1", "no folders"}
	if len(r.Problems) != len(problems) || r.OK() {
		t.Errorf("problems %q", r.Problems)
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range append(problems, "warning: a: photographs that appear several times: 1", "warning: across domains: photographs that appear in several domains: 1", "different labels", "4 problems", "y (1)") {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	content, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(content, &back); err != nil || fmt.Sprint(back) != fmt.Sprint(r) {
		t.Errorf("%s: %+v, %v, want %+v", content, back, err, r)
	}
}

// TestCheckRegistered checks that a wrong number of photographs is a problem, and
// that a missing domain is one if a task needs it.
func TestCheckRegistered(t *testing.T) {
	root := t.TempDir()
	for i := range 600 {
		for _, domain := range []string{"c", "i", "p"} {
			write(t, root, map[string]string{fmt.Sprintf("%s/k%02d/%d.jpg", domain, i%12, i): fmt.Sprintf("%s %d", domain, i)})
		}
	}
	check := func() Report {
		t.Helper()
		r, err := lookup(t, "image-clef").check(t.Context(), Location{Root: root}, nil, fakeDecode)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := check(); !r.OK() || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "b is not there, but no task") {
		t.Errorf("problems %q, warnings %q", r.Problems, r.Warnings)
	}
	writeEmpty(t, root, "c/k13/1.jpg")
	if r := check(); len(r.Problems) != 4 || !strings.Contains(r.Problems[0], "c: 601 photographs, want 600") || !strings.Contains(r.Problems[1], "c: 13 classes, want 12") {
		t.Errorf("problems %q", r.Problems)
	}
	if err := os.RemoveAll(filepath.Join(root, "c")); err != nil {
		t.Fatal(err)
	}
	if r := check(); len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "c: not found") {
		t.Errorf("problems %q", r.Problems)
	}
}

func TestCheckCancelled(t *testing.T) {
	root := t.TempDir()
	for i := range 500 {
		writeEmpty(t, root, fmt.Sprintf("d/x/%d.jpg", i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mutex sync.Mutex
	seen := 0
	_, err := lookup(t, "custom").check(ctx, Location{Root: root}, nil, func(string) error {
		mutex.Lock()
		defer mutex.Unlock()
		if seen++; seen == 20 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen > 100 {
		t.Errorf("%v after %d files", err, seen)
	}
	if _, err := lookup(t, "custom").Check(ctx, Location{Root: root}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

func TestCheckMisuse(t *testing.T) {
	_, err := lookup(t, "visda").Check(t.Context(), Location{}, nil)
	wantError(t, err, "--root")
	_, err = lookup(t, "custom").Check(t.Context(), Location{Root: t.TempDir()}, nil)
	wantError(t, err, "holds no domains")
}
