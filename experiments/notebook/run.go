package notebook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"time"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments"
)

// Run returns the result of a configuration: the latest of the results files in
// env.Out, whatever version of the code it is of, or that of a run that is made
// now, with a live curve. Interrupting the cell saves the run, and the same call
// goes on.
func Run(ctx context.Context, c experiments.Config, env experiments.Environment) (experiments.Result, error) {
	c, err := c.Resolve(ctx, env)
	if err != nil {
		return experiments.Result{}, err
	}
	results, err := experiments.ReadResults(env.Out)
	if r, ok := latest(results, c); ok {
		return r, nil
	}
	live := NewLive(fmt.Sprintf("%s → %s, %s", c.Source, c.Target, c.Objective))
	defer live.Clear()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		live.Warn(err)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	env.Progress, env.Preparing, env.Warn = live.Progress(c.Norm), live.preparing, live.Warn
	return experiments.Run(ctx, c, env)
}

// latest is the last result of a configuration.
func latest(results []experiments.Result, c experiments.Config) (found experiments.Result, ok bool) {
	for _, r := range results {
		if r.Config.ID() == c.ID() && !(ok && r.Time.Before(found.Time)) {
			found, ok = r, true
		}
	}
	return found, ok
}

// RunPlan does the runs of a plan that are missing in env.Out, as `rn ablate`
// does, with live curves, and returns the table of the plan's variants. Results
// of other versions of the code count.
func RunPlan(ctx context.Context, p ablations.Plan, env experiments.Environment) (ablations.Table, error) {
	live := NewLive(fmt.Sprintf("%s: %s → %s, %s", p.Suite.Name, p.Base.Source, p.Base.Target, p.Base.Objective))
	defer live.Clear()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	err := p.Run(ctx, ablations.Options{Environment: env, AnyVersion: true, Warn: live.Warn, Progress: func(r ablations.Progress) {
		live.status = fmt.Sprintf("%s; %d of %d runs are done", r.Job, r.Had+r.Done, r.Runs)
		if r.Left > 0 {
			live.status += fmt.Sprintf(", %v left", r.Left.Round(time.Second))
		}
		if r.Preparing == "" && r.Step.Step > 0 {
			live.Progress(r.Job.String())(r.Step)
		}
	}})
	if err != nil {
		return ablations.Table{}, err
	}
	records, err := ablations.Read(env.Out)
	if err != nil {
		live.Warn(err) // runs of good lines are there
	}
	return tableOf(p, ablations.AnyVersion(records))
}

// tableOf makes the table of a plan's variants and seeds.
func tableOf(p ablations.Plan, records []ablations.Record) (ablations.Table, error) {
	wanted := make(map[string]bool)
	for _, j := range p.Jobs(ablations.Shard{}) {
		wanted[j.Config.ID()] = true
	}
	var kept []ablations.Record
	for _, r := range records {
		if wanted[r.Config.ID()] {
			r.Suite, r.Base = p.Suite.Name, &p.Base // it may have been run for another suite, or for none
			kept = append(kept, r)
		}
	}
	tables, err := ablations.Tables(kept, ablations.Selection{Suite: p.Suite.Name})
	if err != nil {
		return ablations.Table{}, err
	}
	return tables[0], nil
}
