package problems

import (
	"errors"
	"testing"
)

func TestProblems(t *testing.T) {
	var p Problems
	p.Require(true, "not added")
	p.Add(nil, nil)
	if err := p.Err(); err != nil {
		t.Errorf("Err = %v, want nil", err)
	}
	cause := errors.New("cause")
	p.Require(false, "steps is %d", -1)
	p.Add(cause)
	if err := p.Err(); !errors.Is(err, cause) || err.Error() != "steps is -1\ncause" {
		t.Errorf("Err = %v, want both problems", err)
	}
}
