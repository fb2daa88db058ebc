package main

import (
	"bytes"
	"regexp"
	"strings"
	"time"
)

// outcome is what became of a trial.
type outcome string

// Outcomes that a user can live with.
const (
	refused    outcome = "error"      // the command failed and said why
	recomputed outcome = "recomputed" // the command said something that it does not say otherwise
	same       outcome = "same"       // the same numbers and files as without the fault
	unfaulted  outcome = "unfaulted"  // the fault came too late: nothing was tried
)

// Outcomes that are faults of rn.
const (
	silent  outcome = "silent"  // other numbers or files without a word
	lost    outcome = "lost"    // the same command does not get to where it was without the fault
	torn    outcome = "torn"    // an output is neither the old nor the new one
	crashed outcome = "crashed" // a Go panic, or a signal that nobody sent
	hung    outcome = "hung"    // no end within the time limit
	grew    outcome = "grew"    // memory grows with the number of runs
)

// survived reports whether the outcome is one that a user can live with.
func (o outcome) survived() bool {
	switch o {
	case refused, recomputed, same, unfaulted:
		return true
	}
	return false
}

// ending is how a process ended.
type ending struct {
	stdout, stderr []byte
	code           int // of the exit; -1 after a signal
	signalled      bool
	killed         bool // by the trial
	hung           bool // the process was killed because it went beyond the time limit
	took           time.Duration
	peak           int64 // bytes
}

// panicked recognizes the trace of a Go panic or a fatal error of the runtime.
var panicked = regexp.MustCompile(`(?m)^(panic: |fatal error: |goroutine \d+ \[|runtime: )`)

// crashed reports whether the process ended by a bug.
func (e ending) crashed() bool { return e.signalled && !e.killed || panicked.Match(e.stderr) }

// judge compares the end of a command after a fault with the end of the reference and
// what they printed and wrote.
func judge(want, got observation) outcome {
	switch {
	case got.ending.hung:
		return hung
	case got.ending.crashed():
		return crashed
	case got.ending.code != 0 && len(bytes.TrimSpace(got.ending.stderr)) == 0:
		return silent // failed, but does not say why
	case got.ending.code != 0:
		return refused
	case len(news(want.ending.stderr, got.ending.stderr)) > 0:
		return recomputed
	case got.fingerprint == want.fingerprint:
		return same
	}
	return silent
}

// repeated judges a command that ran again after a fault, without one: it must end as
// the reference did.
func repeated(want, got observation) outcome {
	switch {
	case got.ending.hung:
		return hung
	case got.ending.crashed():
		return crashed
	case got.ending.code != 0 || got.fingerprint != want.fingerprint:
		return lost
	}
	return same
}

var (
	numbers  = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)
	progress = regexp.MustCompile(`(^|[ :])#/#([^/]|$)`) // 3/40, but not a date
)

// news returns the lines of stderr that the reference lacks. Numbers and progress are
// not news.
func news(reference, stderr []byte) []string {
	known := make(map[string]bool)
	for _, line := range plainLines(reference) {
		known[line] = true
	}
	var found []string
	for _, line := range plainLines(stderr) {
		if !known[line] {
			found = append(found, line)
		}
	}
	return found
}

// plainLines are the lines of stderr with # for numbers, without progress.
func plainLines(stderr []byte) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(string(stderr), "\r", "\n"), "\n") {
		line = strings.TrimSpace(numbers.ReplaceAllString(line, "#"))
		if line != "" && !progress.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return lines
}
