package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

const (
	// saveLimit is how long a command may take to save and end after a signal.
	// Schedulers kill 30 seconds after SIGTERM.
	saveLimit = 10 * time.Second
	// secondLimit is how long a command may take to end after a second signal.
	secondLimit = 2 * time.Second
)

// longDigits trains for seconds and saves at its one evaluation, the last step, so that
// a checkpoint before the end shows that a signal saved.
var longDigits = command{name: "train digits, one evaluation", state: stateEmpty, again: []string{"--resume"},
	args: slices.Concat([]string{"train"}, digits, []string{"--objective", "entropy", "--steps", "200", "--eval-every", "200", "--save-every", "0"})}

// signalOnce sends a signal to a training: it must save and end, and then continue to
// the reference's state.
func signalOnce(s syscall.Signal) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		c := longDigits
		want, err := t.reference(ctx, c)
		if err != nil {
			return "", err
		}
		if err := t.place(ctx, c.state); err != nil {
			return "", err
		}
		p, err := t.lab.start(c, t.dir, false)
		if err != nil {
			return "", err
		}
		p.until(func() bool { return p.stderr.contains("step 1/") }, timeLimit)
		after := time.Duration(t.rng.Float64() * float64(200*time.Millisecond))
		pause(ctx, after)
		t.how = fmt.Sprintf("%v after the first step and %v", s, after.Round(time.Millisecond))
		if !p.running() {
			t.note(p.end(ctx, 0))
			return unfaulted, nil
		}
		p.signal(s)
		e := p.end(ctx, saveLimit)
		t.note(e)
		switch {
		case e.hung:
			return hung, nil
		case panicked.Match(e.stderr):
			return crashed, nil
		}
		if saved, _ := filepath.Glob(filepath.Join(t.dir, "out", "runs", "*", "checkpoints", "step-*", "manifest.json")); len(saved) == 0 {
			t.how += ": nothing was saved"
			return lost, nil
		}
		got, err := t.call(ctx, c, true)
		if err != nil {
			return "", err
		}
		return repeated(want, got), nil
	}
}

// signalTwice sends two signals to a training that may be compiling, training or
// evaluating: the second one must end it.
func signalTwice(s syscall.Signal) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		c := trainDigits
		if _, err := t.reference(ctx, c); err != nil {
			return "", err
		}
		if err := t.place(ctx, c.state); err != nil {
			return "", err
		}
		p, err := t.lab.start(c, t.dir, false, "RN_XLA_CACHE=off") // so that it compiles
		if err != nil {
			return "", err
		}
		after := 300*time.Millisecond + time.Duration(t.rng.Float64()*float64(4*time.Second))
		t.how = fmt.Sprintf("%v twice, after %v", s, after.Round(time.Millisecond))
		pause(ctx, after)
		if !p.running() {
			t.note(p.end(ctx, 0))
			return unfaulted, nil
		}
		p.signal(s)
		pause(ctx, 500*time.Millisecond)
		p.signal(s)
		e := p.end(ctx, secondLimit)
		t.note(e)
		switch {
		case e.hung:
			return hung, nil
		case panicked.Match(e.stderr):
			return crashed, nil
		}
		return same, nil
	}
}
