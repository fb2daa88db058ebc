// Command torture runs the command rn as a user's machine might: it kills processes at
// random instants, damages files between two commands, fills the disk, sends signals,
// gives files to other users and makes many runs in one process. It then compares what
// rn prints and writes with a reference that was left alone.
//
// The goal is zero silent acceptances: after a fault a command may fail, it may compute
// again, or it may say what is wrong; it may not give other numbers without a word.
//
// `make torture` runs all kinds of faults, `make torture TORTURE_ARGS=--short` the few
// that CI runs. The table goes to stdout; it and the same as JSON go to the folder --out.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

func main() {
	if limited() {
		return // the process was a child with a limit on its files
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := torture(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// options are the command's flags.
type options struct {
	rn, out     string
	seed        uint64
	short, json bool
	only        string
	percent     int
	jobs        int
	keep        bool
}

// parse reads the flags.
func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("torture", flag.ContinueOnError)
	f.StringVar(&o.rn, "rn", "build/bin/rn", "`FILE` of the command to torture")
	f.StringVar(&o.out, "out", "build/torture", "`DIR` for the table, its JSON and the work")
	f.Uint64Var(&o.seed, "seed", 1, "seed of every random choice; the instants of kills also depend on the machine")
	f.BoolVar(&o.short, "short", false, "only the kinds and the few trials that CI runs")
	f.BoolVar(&o.json, "json", false, "print JSON in place of the table")
	f.StringVar(&o.only, "only", "", "only kinds whose name contains `TEXT`")
	f.IntVar(&o.percent, "percent", 100, "percentage of the trials of each kind, at least one trial")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "trials at a time")
	f.BoolVar(&o.keep, "keep", false, "keep the folders of failed trials")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if o.percent < 1 || o.jobs < 1 {
		return o, errors.New("--percent and --jobs must be positive")
	}
	return o, nil
}

// torture runs the trials. Its error says that a trial failed, or why none could run.
func torture(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	chosen := choose(kinds(), o)
	if len(chosen) == 0 {
		return fmt.Errorf("no kind of fault has %q in its name", o.only)
	}
	lab, err := openLab(o, stderr)
	if err != nil {
		return err
	}
	defer lab.close()
	table, err := lab.run(ctx, chosen, o)
	if err != nil {
		return err
	}
	if err := table.write(o.out); err != nil {
		return err
	}
	if o.json {
		err = json.NewEncoder(stdout).Encode(table)
	} else {
		_, err = io.WriteString(stdout, table.text())
	}
	if err != nil {
		return err
	}
	if failed := table.failed(); failed > 0 {
		return fmt.Errorf("%d trials failed: see %s", failed, filepath.Join(o.out, jsonFile))
	}
	return ctx.Err()
}
