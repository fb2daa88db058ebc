// Package problems collects everything that is wrong with a value, so that
// Validate methods report all of it at once.
package problems

import (
	"errors"
	"fmt"
)

// Problems are the errors found so far. The zero value is ready to use.
type Problems struct{ errs []error }

// Require adds an error with the given text unless ok is true.
func (p *Problems) Require(ok bool, format string, args ...any) {
	if !ok {
		p.errs = append(p.errs, fmt.Errorf(format, args...))
	}
}

// Add adds errors; nil is ignored.
func (p *Problems) Add(errs ...error) { p.errs = append(p.errs, errs...) }

// Err joins the errors; nil if there are none.
func (p *Problems) Err() error { return errors.Join(p.errs...) }
