package notebook

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/runs"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
)

// Run returns the result of a configuration. It reuses a result stored in env.Out, of
// any version of the code, and prints a line if that is another version. Otherwise it
// trains the run with a live curve. An interrupted cell saves its run; the same call
// continues it.
func Run(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
	live := newLiveFigure(fmt.Sprintf("%s → %s, %s", c.Source, c.Target, c.Objective))
	defer live.clear()
	results, err := do(ctx, []runs.Job{{Name: c.Norm, Config: c}}, env, live)
	if err != nil {
		return record.Result{}, err
	}
	return results[0], nil
}

// do runs the missing jobs, shows their progress, and returns the results of all.
func do(ctx context.Context, jobs []runs.Job, env environment.Environment, live *liveFigure) ([]record.Result, error) {
	hostmemory.UseHugePages() // a cell is a program without a main that could ask
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	results, err := runs.Do(ctx, jobs, runs.Options{Environment: env, AnyVersion: true, Warn: live.warn, Progress: live.runs})
	if err != nil {
		return nil, err
	}
	if note := runs.VersionNote(results, env.CodeVersion()); note != "" {
		fmt.Println(note)
	}
	return results, nil
}
