// Command rn trains and compares normalizations for domain adaptation. See
// `rn --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// Exit codes of the command.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	hostmemory.ShareArena()
	hostmemory.UseHugePages()
	endAbortsInALine()
	ctx := interruptible(os.Stderr, saves(os.Args[1:]))
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes the command and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	stdout, stderr = printable{stdout}, printable{stderr}
	return withoutPanic(stderr, func() int { return execute(ctx, args, stdout, stderr) })
}

// execute executes the command and returns its exit code.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := checkHelp(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errReported):
		return exitFailed
	}
	fmt.Fprintf(stderr, "rn: %v\n", err)
	if isUsage(err) {
		return exitUsage
	}
	return exitFailed
}

// errReported is returned by a command that has failed and has already told the user
// why.
var errReported = errors.New("failed")

// usageError marks errors in how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func isUsage(err error) bool {
	var usage usageError
	return errors.As(err, &usage)
}

// trainGroup holds the commands that train. Interrupted, they save.
const trainGroup = "Train and compare"

// newRoot returns the command rn with all its sub-commands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "rn",
		Short: "Reciprocal Normalization for domain adaptation",
		Long: `rn trains networks for unsupervised domain adaptation with Reciprocal Normalization (RN, arXiv
2112.10474) and compares it with other normalizations.

Results go to stdout and to files, messages for people to stderr.
The exit code is 0 for success, 1 for a failure and 2 for wrong use.

Ctrl-C, SIGTERM and SIGHUP end a command; one that trains finishes its step and saves first. A second signal
ends it at once.`,
		Example: `  rn setup      # once: install the XLA plugin
  rn demo       # compare BN, DS and RN on digits
  rn train --recipe custom --root ~/photos --source summer --target winter`,
		SilenceErrors: true, SilenceUsage: true,
		Version: record.CodeVersion(),
	}
	holdCommands(root)
	var noCache bool
	root.PersistentFlags().BoolVar(&noCache, "no-xla-cache", false, "compile everything anew, as "+platform.XLACacheEnv+"="+platform.XLACacheOff+" does")
	root.PersistentPreRun = func(*cobra.Command, []string) {
		setting := "" // the user's, in the environment
		if noCache {
			setting = platform.XLACacheOff
		}
		platform.SetXLACache(setting)
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	addGroups(root,
		commandGroup{trainGroup, []*cobra.Command{newDemo(), newTrain(), newCompare(), newAblate()}},
		commandGroup{"Look at results", []*cobra.Command{newEval(), newPlot(), newReport(), newExport()}},
		commandGroup{"Names, data and weights", []*cobra.Command{newList(), newData(), newWeights()}},
		commandGroup{"Machine and code", []*cobra.Command{newSetup(), newDoctor(), newVerify(), newBench(), newLower(), newVersion()}},
	)
	root.SetHelpCommand(newHelp())
	layOutHelp(root)
	return root
}
