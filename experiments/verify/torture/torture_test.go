package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestMain(m *testing.M) {
	if limited() {
		return
	}
	os.Exit(m.Run())
}

// script makes a lab whose rn is a shell script, and a state with a file "data".
func script(t *testing.T, text string) (l *lab, state string) {
	t.Helper()
	state = "test " + slug(t.Name())
	states[state] = func(_ context.Context, _ *lab, dir string) error {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "data"), []byte("numbers\n"), 0o644)
	}
	t.Cleanup(func() { delete(states, state) })
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l = &lab{rn: filepath.Join(dir, "rn"), self: self, dir: dir, log: io.Discard,
		states: make(map[string]func() error), references: make(map[string]func() (observation, error))}
	if err := os.WriteFile(l.rn, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(l.executables(), 0o700); err != nil {
		t.Fatal(err)
	}
	return l, state
}

var trials atomic.Int64

// outcomes makes trials and counts their outcomes.
func outcomes(t *testing.T, l *lab, n int, try func(context.Context, *trial) (outcome, error)) map[outcome]int {
	t.Helper()
	counts := make(map[outcome]int)
	for range n {
		trial := newTrial(l, kind{name: t.Name()}, int(trials.Add(1)), 1)
		got, err := try(t.Context(), trial)
		if err != nil {
			t.Fatal(err)
		}
		if trial.how == "" {
			t.Error("the trial does not say what it did")
		}
		counts[got]++
	}
	return counts
}

// TestFlip: damage is silent if the command uses what it reads, and is not if it checks.
func TestFlip(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want outcome
	}{
		"trusts":     {"cat data", silent},
		"refuses":    {`[ "$(cksum <data)" = "$(echo numbers | cksum)" ] || { echo damaged >&2; exit 1; }; cat data`, refused},
		"recomputes": {`[ "$(cksum <data)" = "$(echo numbers | cksum)" ] || echo damaged >&2; echo numbers`, recomputed},
		"ignores":    {"echo numbers", same},
		"panics":     {`[ "$(cksum <data)" = "$(echo numbers | cksum)" ] || { echo "panic: index" >&2; exit 2; }`, crashed},
		"is mute":    {`[ "$(cksum <data)" = "$(echo numbers | cksum)" ] || exit 1`, silent},
	} {
		t.Run(name, func(t *testing.T) {
			l, state := script(t, c.text)
			f := target{name: "data", pattern: "data", readers: []command{{name: "read", state: state}}}
			got := outcomes(t, l, 4, flip(f))
			if got[c.want] != 4 {
				t.Errorf("outcomes %v, want %s", got, c.want)
			}
		})
	}
}

// TestKill: a command that renames its output when it is whole survives kills; one that
// writes in place, or that starts from what a killed one left, does not.
func TestKill(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want outcome
	}{
		"renames":         {"sleep 0.3; echo whole > page.part; mv page.part page", same},
		"writes in place": {": > page; sleep 0.3; echo whole > page", torn},
		"builds on ruins": {"[ -e ruins ] && echo other; : > ruins; sleep 0.3; echo whole > page.part; mv page.part page", lost},
	} {
		t.Run(name, func(t *testing.T) {
			l, state := script(t, c.text)
			got := outcomes(t, l, 6, kill(command{name: "write", state: state, file: "page"}))
			if got[c.want] == 0 {
				t.Errorf("outcomes %v, want %s", got, c.want)
			}
			if c.want.survived() && got[c.want]+got[unfaulted] != 6 {
				t.Errorf("outcomes %v, want none that fails", got)
			}
		})
	}
}

// TestFileLimit: writes beyond the limit fail, which a command must notice.
func TestFileLimit(t *testing.T) {
	const write = `head -c 3000000 /dev/zero > page.part`
	for name, c := range map[string]struct {
		text string
		want outcome
	}{
		"notices": {write + ` 2>/dev/null || { echo "disk full" >&2; exit 1; }; mv page.part page`, same},
		"forgets": {`(` + write + `) 2>/dev/null; mv page.part page`, silent},
	} {
		t.Run(name, func(t *testing.T) {
			l, state := script(t, "trap '' XFSZ\n"+c.text)
			got := outcomes(t, l, 2, fileLimit([]command{{name: "write", state: state, file: "page"}}))
			if got[c.want] != 2 {
				t.Errorf("outcomes %v, want %s", got, c.want)
			}
		})
	}
}

// TestReferenceDiffers: a command whose numbers differ between two calls cannot be
// tortured.
func TestReferenceDiffers(t *testing.T) {
	l, state := script(t, "date +%N")
	_, err := l.reference(t.Context(), command{name: "clock", state: state})
	if err == nil || !strings.Contains(err.Error(), "two runs differ") {
		t.Errorf("error %v", err)
	}
}
