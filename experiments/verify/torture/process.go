package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	// timeLimit is how long a command may take; a longer one counts as hung.
	timeLimit = 3 * time.Minute
	// referenceLimit is how long a command may take without a fault. It compiles, on a
	// machine that may be busy with other trials.
	referenceLimit = 15 * time.Minute
)

// process is a running command.
type process struct {
	cmd    *exec.Cmd
	began  time.Time
	stdout bytes.Buffer
	stderr watched
	ended  chan struct{}
	ending ending
}

// start starts a program in a folder, in a process group of its own.
func start(program string, args []string, dir string, env []string) (*process, error) {
	p := &process{began: time.Now(), ended: make(chan struct{})}
	p.cmd = exec.Command(program, args...)
	p.cmd.Dir, p.cmd.Env = dir, env
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.wait()
	return p, nil
}

// wait waits for the end and notes it.
func (p *process) wait() {
	defer close(p.ended)
	err := p.cmd.Wait()
	state := p.cmd.ProcessState
	p.ending.took = time.Since(p.began)
	p.ending.stdout, p.ending.stderr = p.stdout.Bytes(), p.stderr.all()
	p.ending.code = state.ExitCode()
	if err != nil && errors.Is(err, exec.ErrWaitDelay) {
		p.ending.stderr = append(p.ending.stderr, "a child process kept the output open"...)
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok {
		p.ending.signalled = status.Signaled()
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		p.ending.peak = usage.Maxrss << 10
	}
}

// signal sends a signal to the process alone.
func (p *process) signal(s syscall.Signal) { _ = syscall.Kill(p.cmd.Process.Pid, s) }

// end waits for the end until the limit and then kills the process group.
func (p *process) end(ctx context.Context, limit time.Duration) ending {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.ending
	case <-ctx.Done():
	case <-timer.C:
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
	p.ending.hung, p.ending.killed = true, true
	return p.ending
}

// kill waits and then kills the process; the ending says whether the kill came before
// the end.
func (p *process) kill(ctx context.Context, after time.Duration) ending {
	e := p.end(ctx, after)
	e.hung, e.killed = false, e.signalled && e.killed
	return e
}

// running reports whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// until waits until the condition holds and reports whether it did before the end of
// the process and the limit.
func (p *process) until(condition func() bool, limit time.Duration) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline) && p.running(); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return true
		}
	}
	return condition() && p.running()
}

// watched collects output that another goroutine may look at meanwhile.
type watched struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p...)
	return len(p), nil
}

// all returns what was written so far.
func (w *watched) all() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.text)
}

// contains reports whether the text was written.
func (w *watched) contains(text string) bool { return bytes.Contains(w.all(), []byte(text)) }

// environment is the parent's environment with some variables set anew.
func environment(set ...string) []string { return append(os.Environ(), set...) }
