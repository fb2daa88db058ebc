package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// noArgs refuses arguments.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unexpected argument %q", args[0])}
	}
	return nil
}

// oneArg accepts one argument; want describes it, such as "a file".
func oneArg(want string) cobra.PositionalArgs { return argCount(1, 1, "one argument, "+want) }

// atMostOneArg accepts one argument or none.
func atMostOneArg(want string) cobra.PositionalArgs {
	return argCount(0, 1, "at most one argument, "+want)
}

// argCount accepts between least and most arguments.
func argCount(least, most int, want string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if least <= len(args) && len(args) <= most {
			return nil
		}
		_, name, _ := strings.Cut(cmd.CommandPath(), " ") // without rn
		return usageError{fmt.Errorf("%s needs %s; got %d arguments", name, want, len(args))}
	}
}

// oneOf describes an argument with known values.
func oneOf(kind string, names []string) string {
	return "a " + kind + ": one of " + strings.Join(names, ", ")
}

// missingFlag is the error for a flag that must be given.
func missingFlag(flag, want string) error {
	return usageError{fmt.Errorf("--%s is missing: %s", flag, want)}
}
