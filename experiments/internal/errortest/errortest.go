// Package errortest checks the errors that tests get.
package errortest

import (
	"strings"
	"testing"
)

// Says fails the test unless err contains all the parts.
func Says(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

// OneLine is [Says] for an error that must be one line.
func OneLine(t testing.TB, err error, parts ...string) {
	t.Helper()
	Says(t, err, parts...)
	if err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("error has more than one line: %q", err)
	}
}
