package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// onlyCommands marks, as an annotation, commands that do nothing but hold others.
const onlyCommands = "only commands"

// holdCommands makes cmd a command that holds others: on its own it shows its help,
// and its only argument is the name of a command.
func holdCommands(cmd *cobra.Command) {
	cmd.Annotations = map[string]string{onlyCommands: "true"}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// unknownCommand is the error for a name that is not a command below parent.
func unknownCommand(parent *cobra.Command, name string) error {
	suggestion := ""
	if closest, ok := registry.Closest(name, registry.Names(parent.Commands(), (*cobra.Command).Name)); ok {
		suggestion = fmt.Sprintf("did you mean %s %s? ", parent.CommandPath(), closest)
	}
	return usageError{fmt.Errorf("unknown command %q: %s%s --help lists the commands", name, suggestion, parent.CommandPath())}
}

// checkHelp returns an error if --help is asked of a command that does not exist.
// cobra would show the help of the command that should hold it.
func checkHelp(root *cobra.Command, args []string) error {
	if !slices.Contains(args, "--help") && !slices.Contains(args, "-h") {
		return nil
	}
	cmd, rest, err := root.Find(args)
	if err != nil || cmd.Annotations[onlyCommands] == "" {
		return err
	}
	isFlag := func(arg string) bool { return strings.HasPrefix(arg, "-") }
	return cmd.ValidateArgs(slices.DeleteFunc(slices.Clone(rest), isFlag))
}

// newHelp returns `rn help`.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Example: "  rn help train\n  rn help weights get",
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(of, rest[0])
			}
			of.InitDefaultHelpFlag() // cobra adds these flags when a command runs
			of.InitDefaultVersionFlag()
			return of.Help()
		},
	}
}
