package golden

import (
	"errors"
	"fmt"
	"slices"
)

// checkShape compares an array's shape with the expected one; like explains the
// expectation.
func checkShape(field string, a Array, want []int, like string) error {
	if slices.Equal(a.Shape, want) {
		return nil
	}
	return fmt.Errorf("%s.shape: got %v, expected %v %s", field, a.Shape, want, like)
}

// checkRank checks the number of axes and that no axis is empty.
func checkRank(field string, a Array, rank int, axes string) error {
	if len(a.Shape) != rank {
		return fmt.Errorf("%s.shape: got %v, expected %s", field, a.Shape, axes)
	}
	if slices.Contains(a.Shape, 0) {
		return fmt.Errorf("%s.shape: got %v, expected no empty axis in %s", field, a.Shape, axes)
	}
	return nil
}

// check returns an error about the field unless ok.
func check(ok bool, field, format string, args ...any) error {
	if ok {
		return nil
	}
	return fieldError(field, fmt.Errorf(format, args...))
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

var errEmpty = errors.New("the list is empty, expected at least one entry")

func checkNotEmpty(field string, length int) error {
	if length == 0 {
		return fieldError(field, errEmpty)
	}
	return nil
}
