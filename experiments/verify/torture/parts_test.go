package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/network/weights"
)

func TestJudge(t *testing.T) {
	want := observation{ending{stderr: []byte("step 1/40 loss 2.5\nwrote 3 files\n")}, "a"}
	for name, c := range map[string]struct {
		got  observation
		want outcome
	}{
		"the same":         {want, same},
		"other progress":   {observation{ending{stderr: []byte("step 30/40 loss 0.1\rchecksums: 3/24\nwrote 4 files")}, "a"}, same},
		"other numbers":    {observation{ending{}, "b"}, silent},
		"a warning":        {observation{ending{stderr: []byte("skipped a damaged file")}, "b"}, recomputed},
		"an error":         {observation{ending{code: 1, stderr: []byte("damaged")}, "b"}, refused},
		"a mute failure":   {observation{ending{code: 1}, "b"}, silent},
		"a panic":          {observation{ending{code: 2, stderr: []byte("panic: oh\n\ngoroutine 1 [running]:")}, "b"}, crashed},
		"a signal":         {observation{ending{code: -1, signalled: true}, "b"}, crashed},
		"beyond the limit": {observation{ending{hung: true, killed: true, signalled: true}, "b"}, hung},
	} {
		if got := judge(want, c.got); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := repeated(want, observation{ending{stderr: []byte("a warning")}, "b"}); got != lost {
		t.Errorf("other numbers of a repeated command: %s, want %s", got, lost)
	}
}

// TestMutate: every mutation is repeated by its seed and stays within its part.
func TestMutate(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 100)
	kinds := make(map[string]bool)
	for seed := range uint64(100) {
		a, how := mutate(data, 50, rand.New(rand.NewPCG(seed, 0)))
		b, again := mutate(data, 50, rand.New(rand.NewPCG(seed, 0)))
		if !slices.Equal(a, b) || how != again {
			t.Fatalf("seed %d: %q and %q", seed, how, again)
		}
		if slices.Equal(a, data) {
			t.Errorf("seed %d: %q changes nothing", seed, how)
		}
		if len(a) == len(data) && !slices.Equal(a[50:], data[50:]) {
			t.Errorf("seed %d: %q changes bytes beyond the part", seed, how)
		}
		kinds[strings.Fields(how)[0]] = true
	}
	if len(kinds) != 4 {
		t.Errorf("mutations %v, want four kinds", kinds)
	}
	if got, _ := mutate(nil, 0, rand.New(rand.NewPCG(1, 0))); len(got) == 0 {
		t.Error("an empty file stays empty")
	}
}

// TestObserve: times are not compared, other fields and the output file are.
func TestObserve(t *testing.T) {
	dir := t.TempDir()
	c := command{file: "page"}
	of := func(stdout string) string {
		o, err := c.observe(dir, ending{stdout: []byte(stdout)})
		if err != nil {
			t.Fatal(err)
		}
		return o.fingerprint
	}
	first := of(`{"id":"a","time":"2026-01-01T00:00:00Z","seconds":1.5e-3,"data_wait":0}`)
	if of(`{"id":"a","time":"2026-01-02T00:00:00Z","seconds":2,"data_wait":1}`) != first {
		t.Error("times are compared")
	}
	if of(`{"id":"b","time":"2026-01-01T00:00:00Z","seconds":1.5e-3,"data_wait":0}`) == first {
		t.Error("the id is not compared")
	}
	if err := os.WriteFile(filepath.Join(dir, "page"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if of(`{"id":"a","time":"2026-01-01T00:00:00Z","seconds":1.5e-3,"data_wait":0}`) == first {
		t.Error("the file is not compared")
	}
}

// TestKinds: names are unique, and the short form is part of the whole.
func TestKinds(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range kinds() {
		if seen[slug(k.name)] {
			t.Errorf("two kinds %q", k.name)
		}
		seen[slug(k.name)] = true
		if k.trials < 1 || k.ci > k.trials {
			t.Errorf("%s has %d trials, %d of them in CI", k.name, k.trials, k.ci)
		}
	}
	all, short := choose(kinds(), options{percent: 100}), choose(kinds(), options{percent: 100, short: true})
	if len(short) == 0 || len(short) >= len(all) {
		t.Errorf("%d kinds in CI of %d", len(short), len(all))
	}
	kills, mutations := 0, 0
	for _, k := range all {
		switch {
		case strings.HasPrefix(k.name, "kill"):
			kills += k.trials
		case strings.HasPrefix(k.name, "damage"):
			mutations += k.trials
		}
	}
	if kills < 100 || mutations < 1000 {
		t.Errorf("%d kills and %d mutations, want 100 and 1,000", kills, mutations)
	}
	if got := choose(kinds(), options{percent: 1, only: "kill: eval"}); len(got) != 1 || got[0].trials != 1 {
		t.Errorf("chosen: %v", got)
	}
}

func TestTable(t *testing.T) {
	a, b := kind{name: "kill: a"}, kind{name: "users: b"}
	table := newTable(7, true)
	table.add(a)
	table.add(b)
	table.skip(b, "needs root")
	table.enter(a, 0, same, &trial{peak: 3 << 20})
	table.enter(a, 1, silent, &trial{peak: 2 << 20, how: "flip bit 1", said: "fine"})
	if table.failed() != 1 {
		t.Errorf("%d trials failed, want 1", table.failed())
	}
	var lines [][]string
	for line := range strings.Lines(table.text()) {
		lines = append(lines, strings.Fields(line))
	}
	want := [][]string{
		{"fault", "trials", "survived", "silent", "peak", "MiB", "outcomes"},
		{"kill:", "a", "2", "1", "1", "3", "1", "same,", "1", "silent"},
		{"users:", "b", "skipped:", "needs", "root"},
		{"total", "2", "1", "1", "3", "1", "same,", "1", "silent"},
	}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("%s\nwant %q", table.text(), want)
	}
	dir := t.TempDir()
	if err := table.write(dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, jsonFile))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Seed uint64
		Rows []row
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if read.Seed != 7 || len(read.Rows) != 2 || read.Rows[0].Failures[0].How != "flip bit 1" || read.Rows[1].Skipped == "" {
		t.Errorf("%s", data)
	}
}

func TestCopyTree(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	if err := os.Mkdir(filepath.Join(from, "private"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "private", "file"), []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("private", filepath.Join(from, "link")); err != nil {
		t.Fatal(err)
	}
	if err := copyTree(from, to); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"private": os.ModeDir | 0o700, "private/file": 0o600, "link": os.ModeSymlink | 0o777} {
		info, err := os.Lstat(filepath.Join(to, name))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v, want mode %v", name, info, err, mode)
		}
	}
	if size, err := sizeOf(to); size != 3 || err != nil {
		t.Errorf("%d bytes, %v, want 3", size, err)
	}
}

// TestWeights: both files of weights hold the same ResNet-18.
func TestWeights(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "w.pth")}
	if err := writeWeights(paths[0], paths[1]); err != nil {
		t.Fatal(err)
	}
	var files []map[string]weights.Tensor
	for _, path := range paths {
		f, err := weights.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		resnet, err := f.ResNet()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Check(resnet); err != nil {
			t.Fatal(err)
		}
		files = append(files, f.Tensors)
	}
	if !reflect.DeepEqual(files[0], files[1]) {
		t.Error("the two files hold different tensors")
	}
}
