package notebook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
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
	hostmemory.UseHugePages() // A cell is a program of its own, without a main that could ask.
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
