package errortest

import (
	"errors"
	"testing"
)

// failures counts the failures of a check.
type failures struct {
	testing.TB
	n int
}

func (f *failures) Helper()               {}
func (f *failures) Errorf(string, ...any) { f.n++ }

func TestChecks(t *testing.T) {
	for _, c := range []struct {
		err           error
		parts         []string
		says, oneLine int // failures
	}{
		{errors.New("file a: line 3"), []string{"file a", "line 3"}, 0, 0},
		{errors.New("file a: line 3"), []string{"file b", "line 3", "line 4"}, 2, 2},
		{errors.New("file a\nfile b"), []string{"file b"}, 0, 1},
		{nil, nil, 1, 1},
	} {
		says, oneLine := &failures{}, &failures{}
		Says(says, c.err, c.parts...)
		OneLine(oneLine, c.err, c.parts...)
		if says.n != c.says || oneLine.n != c.oneLine {
			t.Errorf("error %v with %q: Says fails %d times, OneLine %d times; want %d and %d", c.err, c.parts, says.n, oneLine.n, c.says, c.oneLine)
		}
	}
}
