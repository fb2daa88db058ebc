package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// lastMoment is the time between a second signal and the end of the process, in
	// which a checkpoint that is being written can be finished. A terminal that closes
	// may send SIGHUP twice.
	lastMoment = time.Second
	// patience is the time that a command with nothing to save has to end after a
	// first signal.
	patience = 5 * time.Second
	// writing is the time to print a line, which blocks while the terminal is stopped
	// or the pipe is full.
	writing = 100 * time.Millisecond
)

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP cancels.
// A second one ends the process with [exitFailed], whatever it is doing: XLA's
// compiler cannot be interrupted. A command that saves nothing ends on its own
// [patience] after the first signal. A SIGHUP that nohup ignores stays ignored.
func interruptible(stderr io.Writer, saves bool) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	received := make(chan os.Signal, 2)
	signal.Notify(received, signals...)
	go func() {
		<-received
		// Ctrl-C also ends a program that stderr is piped to. Writing to it must not end
		// this process before it has saved.
		signal.Ignore(syscall.SIGPIPE)
		what, deadline := "finishing the step and saving", (<-chan time.Time)(nil)
		if !saves {
			what, deadline = "stopping", time.After(patience)
		}
		line := fmt.Sprintf("rn: interrupted: %s; again to stop now\n", what)
		if _, ok := terminalOf(stderr); ok {
			line = "\n" + line // below the progress bar
		}
		printed := make(chan struct{})
		go func() {
			_, _ = io.WriteString(stderr, line) // a reader that is gone must not end this process
			close(printed)
		}()
		select {
		case <-printed:
		case <-time.After(writing):
		}
		cancel()
		select {
		case <-deadline:
		case <-received:
			time.Sleep(lastMoment)
		}
		os.Exit(exitFailed)
	}()
	return ctx
}

// saves reports whether the command that args call saves its work when it is
// interrupted.
func saves(args []string) bool {
	cmd, _, err := newRoot().Find(args)
	return err == nil && cmd.GroupID == trainGroup
}
