package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// The lines after a first signal.
const (
	saving   = "rn: interrupted: finishing the step and saving; again to stop now"
	stopping = "rn: interrupted: stopping; again to stop now"
)

// requireTraining skips a test unless the machine can train on MNIST and UCI.
func requireTraining(t *testing.T) {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	backend.Finalize()
	for _, name := range []string{"mnist", "uci"} {
		spec, err := digits.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spec.Load(t.Context(), digits.Options{}); err != nil {
			t.Skipf("needs %s: %v", name, err)
		}
	}
}

// started is a process of the command whose stderr a test reads.
type started struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr *bufio.Scanner
	pipe   io.Closer
	said   []string
}

// start starts the command as a process of its own, behind the given wrapper if there
// is one.
func start(t *testing.T, wrapper string, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	p := &started{t: t, cmd: process(ctx, args...)}
	if wrapper != "" {
		path, err := exec.LookPath(wrapper)
		if err != nil {
			t.Skip(err)
		}
		p.cmd.Path, p.cmd.Args = path, slices.Concat([]string{wrapper, p.cmd.Path}, args)
	}
	return p.start()
}

// start starts the process.
func (p *started) start() *started {
	p.t.Helper()
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.stderr, p.pipe = bufio.NewScanner(stderr), stderr
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// waitFor reads stderr up to a line that contains a text.
func (p *started) waitFor(text string) {
	p.t.Helper()
	for p.stderr.Scan() {
		p.said = append(p.said, p.stderr.Text())
		if strings.Contains(p.stderr.Text(), text) {
			return
		}
	}
	p.t.Fatalf("the command ended without %q: %v: %q", text, p.cmd.Wait(), p.said)
}

// send sends a signal.
func (p *started) send(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the end and returns the exit code, -1 after a signal that the
// command does not handle, and everything that it printed to stderr.
func (p *started) ends() (code int, stderr string) {
	p.t.Helper()
	for p.stderr.Scan() {
		p.said = append(p.said, p.stderr.Text())
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode(), strings.Join(p.said, "\n")
}

// trainArgs trains for some steps and saves only when the run evaluates at its end or
// is interrupted.
func trainArgs(out string, steps int) []string {
	return []string{"train", "--source", "mnist", "--target", "uci", "--norm", "bn", "--objective", "source-only", "--steps", fmt.Sprint(steps),
		"--eval-every", fmt.Sprint(steps), "--save-every", "0", "--batch-size", "8", "--train-limit", "100", "--backend", "xla:cpu", "--out", out}
}

// hasCheckpoint reports whether an output folder holds a checkpoint.
func hasCheckpoint(t *testing.T, out string) bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(out, "runs", "*", "checkpoints", "step-*", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found) > 0
}

// TestSignalsSave: each signal makes a training run say so and save, and --resume
// goes on to the weights of a run that was left alone.
func TestSignalsSave(t *testing.T) {
	requireTraining(t)
	const steps = 300
	whole := t.TempDir()
	if code, stderr := start(t, "", trainArgs(whole, steps)...).ends(); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	want := stateOf(t, whole)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) { // the tests run under nohup
			continue
		}
		out := t.TempDir()
		p := start(t, "", trainArgs(out, steps)...)
		p.waitFor("step 1/")
		p.send(s)
		code, stderr := p.ends()
		if code != exitFailed || strings.Count(stderr, saving) != 1 || !strings.Contains(stderr, "--resume to continue") || !hasCheckpoint(t, out) {
			t.Fatalf("%v: exit code %d, stderr:\n%s", s, code, stderr)
		}
		code, stderr = start(t, "", append(trainArgs(out, steps), "--resume")...).ends()
		if code != 0 || strings.Contains(stderr, "step 1/") {
			t.Fatalf("%v, resumed: exit code %d, stderr:\n%s", s, code, stderr)
		}
		if got := stateOf(t, out); got != want {
			t.Errorf("%v: the variables' hash is %s, without the signal %s", s, got, want)
		}
	}
}

// stateOf returns the hash of the variables of the only result in an output folder.
func stateOf(t *testing.T, out string) string {
	t.Helper()
	results, err := record.Read(out)
	if err != nil || len(results) != 1 || results[0].StateSHA256 == "" {
		t.Fatalf("%d results, error %v", len(results), err)
	}
	return results[0].StateSHA256
}

// TestSignalWithoutReader: Ctrl-C also ends the program that stderr is piped to. The
// run saves all the same.
func TestSignalWithoutReader(t *testing.T) {
	requireTraining(t)
	out := t.TempDir()
	p := start(t, "", trainArgs(out, 1_000_000)...)
	p.waitFor("step 1/")
	if err := p.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	p.send(syscall.SIGINT)
	if code, _ := p.ends(); code != exitFailed || !hasCheckpoint(t, out) {
		t.Errorf("exit code %d, checkpoint %v", code, hasCheckpoint(t, out))
	}
}

// TestHangupIgnored: under nohup a terminal that closes does not end a run.
func TestHangupIgnored(t *testing.T) {
	requireTraining(t)
	out := t.TempDir()
	p := start(t, "nohup", trainArgs(out, 100)...)
	p.waitFor("step 1/")
	p.send(syscall.SIGHUP)
	if code, stderr := p.ends(); code != 0 || strings.Contains(stderr, "interrupted") {
		t.Errorf("exit code %d, stderr:\n%s", code, stderr)
	}
	stateOf(t, out)
}

// TestVerifyHearsSignals: a command with nothing to save ends after one signal.
func TestVerifyHearsSignals(t *testing.T) {
	requireTraining(t)
	p := start(t, "", "verify", "--backend", "xla:cpu", "--no-xla-cache")
	p.waitFor(" on ") // the backend; then it compiles
	sent := time.Now()
	p.send(syscall.SIGTERM)
	code, stderr := p.ends()
	if took := time.Since(sent); code != exitFailed || took > patience+2*time.Second || strings.Count(stderr, stopping) != 1 {
		t.Errorf("exit code %d after %v, stderr:\n%s", code, took, stderr)
	}
}

// TestNoCommandIsDeaf: whatever a command does, here nothing for ever, it ends after
// one signal, or after two if it saves.
func TestNoCommandIsDeaf(t *testing.T) {
	for _, c := range everyCommand(newRoot()) {
		args := strings.Fields(c.CommandPath())[1:]
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			p := &started{t: t, cmd: process(t.Context(), args...)}
			p.cmd.Env = append(p.cmd.Env, hanging+"=1")
			p.start()
			p.waitFor("hanging")
			last, allowed, said := time.Now(), patience+2*time.Second, stopping
			p.send(syscall.SIGTERM)
			if slices.Contains([]string{"demo", "train", "compare", "ablate"}, strings.Join(args, " ")) {
				allowed, said = 2*time.Second, saving
				p.waitFor(said)
				last = time.Now()
				p.send(syscall.SIGINT)
			}
			code, stderr := p.ends()
			if took := time.Since(last); code != exitFailed || took > allowed || strings.Count(stderr, said) != 1 {
				t.Errorf("exit code %d after %v, stderr:\n%s", code, took, stderr)
			}
		})
	}
}

// TestAbort: an abort of a C or C++ library ends the command in a line and not with
// the exit code of wrong use.
func TestAbort(t *testing.T) {
	p := &started{t: t, cmd: process(t.Context())}
	p.cmd.Env = append(p.cmd.Env, hanging+"=1")
	p.start().waitFor("hanging")
	p.send(syscall.SIGABRT)
	if code, stderr := p.ends(); code != exitFailed || !strings.HasPrefix(stderr, "hanging\nrn: XLA has aborted") || strings.Contains(stderr, "goroutine") {
		t.Errorf("exit code %d, stderr:\n%s", code, stderr)
	}
}
