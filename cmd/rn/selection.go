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

// selection chooses results of an output folder.
type selection struct {
	runs                            []string
	source, target, norm, objective []string
}

// add adds the flags.
func (s *selection) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&s.runs, "run", nil, "ids of runs, as in results.jsonl (default: all, or the latest of RN)")
	flags.StringSliceVar(&s.source, "source", nil, "sources of the runs (default: any)")
	flags.StringSliceVar(&s.target, "target", nil, "targets of the runs (default: any)")
	flags.StringSliceVar(&s.norm, "norm", nil, "norms of the runs (default: any)")
	flags.StringSliceVar(&s.objective, "objective", nil, "objectives of the runs (default: any)")
	err := cmd.RegisterFlagCompletionFunc("run", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		out, err := cmd.Flags().GetString("out")
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		results, _ := record.Read(out) // what can be read is offered
		var offered []string
		for _, r := range results {
			offered = append(offered, fmt.Sprintf("%s\t%s → %s, %s, %s, seed %d", r.ID, r.Source, r.Target, r.Objective, r.Norm, r.Seed))
		}
		return offered, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag above that does not exist
	}
}

// read reads the chosen results of an output folder. Lines that are no results
// are told of. Runs that are named need no line.
func (s *selection) read(env environment.Environment) ([]record.Result, error) {
	results, err := record.Read(env.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(s.runs) == 0:
		return nil, err
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		env.Warn(err)
	}
	has := func(names []string, name string) bool { return len(names) == 0 || slices.Contains(names, name) }
	results = slices.DeleteFunc(results, func(r record.Result) bool {
		return !has(s.runs, r.ID) || !has(s.source, r.Source) || !has(s.target, r.Target) || !has(s.norm, r.Norm) || !has(s.objective, r.Objective)
	})
	if len(results) == 0 && len(s.runs) == 0 {
		return nil, fmt.Errorf("no result in %s is of the chosen source, target, norm and objective", env.Out)
	}
	return results, nil
}

// one is the run that a figure of one run shows: the one that is named, or the
// latest result, of RN and with its network there if there is such a one.
func (s *selection) one(results []record.Result, out string) (record.Result, error) {
	if len(s.runs) > 1 {
		return record.Result{}, usageError{fmt.Errorf("--run %s: this figure is of one run", strings.Join(s.runs, ","))}
	}
	if len(s.runs) == 1 {
		for _, r := range slices.Backward(results) {
			if r.ID == s.runs[0] {
				return r, nil
			}
		}
		return record.Result{ID: s.runs[0]}, nil
	}
	if len(results) == 0 {
		return record.Result{}, fmt.Errorf("there are no results in %s", out)
	}
	best := results[len(results)-1]
	rank := func(r record.Result) int {
		n := 0
		if r.Norm == "rn" {
			n++
		}
		if experiments.HasCheckpoints(out, r.ID) {
			n += 2
		}
		return n
	}
	for _, r := range slices.Backward(results) {
		if rank(r) > rank(best) {
			best = r
		}
	}
	return best, nil
}

// saved are the runs that a figure of several shows: those that are named, or
// those of the results whose networks are there.
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
