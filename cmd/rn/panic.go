package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
)

// issuesPage is where a defect of the command is reported.
const issuesPage = "https://github.com/reciprocalnorm/rn/issues"

// outOfMemory are texts in the errors of XLA that mean that a device has no memory
// left.
var outOfMemory = []string{"RESOURCE_EXHAUSTED", "out of memory", "Out of memory"}

// withoutPanic returns the exit code of a command. If the command panics, it prints
// a line about the panic and returns [exitFailed].
func withoutPanic(stderr io.Writer, command func() int) (code int) {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintln(stderr, panicLine(cause, debug.Stack()))
			code = exitFailed
		}
	}()
	return command()
}

// panicLine returns a line about a panic: that memory ran out, or where to report the
// defect, with the file that got the stack trace.
func panicLine(cause any, stack []byte) string {
	text, _, _ := strings.Cut(strings.TrimSpace(fmt.Sprint(cause)), "\n")
	for _, sign := range outOfMemory {
		if strings.Contains(fmt.Sprint(cause), sign) {
			return fmt.Sprintf("rn: out of memory: %s: try a smaller batch or smaller images", text)
		}
	}
	trace := "without a stack trace"
	if f, err := os.CreateTemp("", "rn-panic-*.txt"); err == nil {
		_, err = fmt.Fprintf(f, "%s\n\n%+v\n\n%s", strings.Join(os.Args, " "), cause, stack)
		if f.Close() == nil && err == nil {
			trace = "with the stack trace in " + f.Name()
		}
	}
	return fmt.Sprintf("rn: internal error: %s: please report it at %s %s", text, issuesPage, trace)
}
