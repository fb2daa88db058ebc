// Command rn trains and compares normalizations for domain adaptation. See
// `rn --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

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
	hostmemory.UseHugePages()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes the command and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSaid):
		return exitFailed
	}
	fmt.Fprintf(stderr, "rn: %v\n", err)
	if isUsage(err) {
		return exitUsage
	}
	return exitFailed
}

// errSaid is returned by a command that has failed and said why.
var errSaid = errors.New("failed")

// usageError marks errors about how the command was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func isUsage(err error) bool {
	var usage usageError
	return errors.As(err, &usage)
}

// newRoot is the command with all its subcommands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "rn",
		Short: "Reciprocal Normalization for domain adaptation",
		Long: `rn trains networks for unsupervised domain adaptation with Reciprocal Normalization
(arXiv 2112.10474) and the normalizations it is compared with.

Results go to stdout and to files, everything for people to stderr.
Exit codes: 0 fine, 1 failed, 2 wrong use.`,
		SilenceErrors: true, SilenceUsage: true,
		Version: record.CodeVersion(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q: see rn --help", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
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
	root.AddCommand(newTrain(), newCompare(), newAblate(), newEval(), newPlot(), newReport(), newExport(), newDemo(), newVerify(), newBench(), newData(), newWeights(),
		newList(), newSetup(), newDoctor(), newLower())
	return root
}

// noArgs rejects arguments as wrong use.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unexpected argument %q", args[0])}
	}
	return nil
}
