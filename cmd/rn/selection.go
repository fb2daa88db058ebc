package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// selection chooses results of an output folder: named runs, or those that match all
// filters.
type selection struct {
	runs                            []string
	source, target, norm, objective []string
}

// add adds the flags.
func (s *selection) add(cmd *cobra.Command) {
	addRunsFlag(cmd, &s.runs, "only these runs, `IDS` as in results.jsonl (default: all; for a figure of one run, the latest RN run)")
	flags := cmd.Flags()
	flags.StringSliceVar(&s.source, "source", nil, "only runs with these source `DOMAINS`")
	flags.StringSliceVar(&s.target, "target", nil, "only runs with these target `DOMAINS`")
	flags.StringSliceVar(&s.norm, "norm", nil, "only runs with these norms, `NAMES` from rn list norms")
	flags.StringSliceVar(&s.objective, "objective", nil, "only runs with these objectives, `NAMES` from rn list objectives")
}

// read reads the chosen results of an output folder. It warns about lines that are not
// results. Runs that --run names need no line.
func (s *selection) read(env environment.Environment) ([]record.Result, error) {
	ids, err := fullRunIDs(env.Out, s.runs)
	if err != nil {
		return nil, err
	}
	s.runs = ids
	results, err := record.Read(env.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(s.runs) == 0:
		return nil, err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		env.Warn(err)
	}
	if err := record.Unchecked(env.Out); err != nil {
		env.Warn(err)
	}
	has := func(names []string, name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	results = slices.DeleteFunc(results, func(r record.Result) bool {
		return !has(s.runs, r.ID) || !has(s.source, r.Source) || !has(s.target, r.Target) || !has(s.norm, r.Norm) || !has(s.objective, r.Objective)
	})
	if len(results) == 0 && len(s.runs) == 0 {
		return nil, fmt.Errorf("no result in %s has the chosen source, target, norm and objective", env.Out)
	}
	return results, nil
}

// one returns the run for a figure of one run: the named one, or else the latest. It
// prefers runs whose network is in the output folder, and among equals RN.
func (s *selection) one(results []record.Result, out string) (record.Result, error) {
	if len(s.runs) > 1 {
		return record.Result{}, usageError{fmt.Errorf("--run %s: this figure shows one run", strings.Join(s.runs, ","))}
	}
	if len(s.runs) == 1 {
		r, _ := record.Latest(results, func(r record.Result) bool { return r.ID == s.runs[0] })
		r.ID = s.runs[0]
		return r, nil
	}
	isRN := func(r record.Result) bool { return r.Norm == "rn" }
	isSaved := func(r record.Result) bool { return experiments.HasCheckpoints(out, r.ID) }
	for _, matches := range []func(record.Result) bool{
		func(r record.Result) bool { return isRN(r) && isSaved(r) }, isSaved, isRN, func(record.Result) bool { return true },
	} {
		if r, ok := record.Latest(results, matches); ok {
			return r, nil
		}
	}
	return record.Result{}, fmt.Errorf("%s has no results", out)
}

// saved returns the runs for a figure of several networks: the named ones, or else all
// results whose networks are in the output folder.
func (s *selection) saved(results []record.Result, out string) []string {
	if len(s.runs) > 0 {
		return s.runs
	}
	var ids []string
	for _, r := range results {
		if !slices.Contains(ids, r.ID) && experiments.HasCheckpoints(out, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
