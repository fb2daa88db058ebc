package main

import (
	"errors"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/config"
)

// checkIdle returns a usage error for options that have no effect on any of the
// configurations: they would give runs new ids and the same numbers.
func checkIdle(configs ...config.Config) error {
	if len(configs) == 0 {
		return nil
	}
	idle := configs[0].Idle()
	for _, c := range configs[1:] {
		of := c.Idle()
		idle = slices.DeleteFunc(idle, func(i config.Idle) bool {
			return !slices.ContainsFunc(of, func(j config.Idle) bool { return i.Field == j.Field })
		})
	}
	errs := make([]error, len(idle))
	for i, field := range idle {
		errs[i] = field
	}
	if err := errors.Join(errs...); err != nil {
		return usageError{err}
	}
	return nil
}
