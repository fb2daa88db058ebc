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

// Run returns the result of a configuration: a stored one of env.Out that may be
// reused, whatever the version of the code, or the result of a run that is made now
// with a live curve. It prints a line if another version made the stored result.
// Interrupting the cell saves the run, and the same call goes on.
func Run(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
	live := NewLive(fmt.Sprintf("%s → %s, %s", c.Source, c.Target, c.Objective))
	defer live.Clear()
	results, err := do(ctx, []runs.Job{{Name: c.Norm, Config: c}}, env, live)
	if err != nil {
		return record.Result{}, err
	}
	return results[0], nil
}

// do does the jobs that are missing and shows their progress.
func do(ctx context.Context, jobs []runs.Job, env environment.Environment, live *Live) ([]record.Result, error) {
	hostmemory.UseHugePages() // a cell is a program without a main that could ask
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	results, err := runs.Do(ctx, jobs, runs.Options{Environment: env, AnyVersion: true, Warn: live.Warn, Progress: live.runs})
	if err != nil {
		return nil, err
	}
	if note := runs.VersionNote(results, env.CodeVersion()); note != "" {
		fmt.Println(note)
	}
	return results, nil
}
