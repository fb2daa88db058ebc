package experiments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/experiments/xla/hostmemory"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// ErrInterrupted is wrapped by the error of a run whose context was cancelled. The
// run has finished its step and saved, and can be continued.
var ErrInterrupted = errors.New("interrupted")

// Run trains a network as the configuration says, evaluates it on the target's
// test images and appends the result to the results file of the output folder, or
// hands it to env.Record. Equal identities give equal numbers on the same machine.
//
// Cancelling ctx ends the run after the current step, or during the step's evaluation,
// with which a resumed run then begins: it saves, and the error wraps
// [ErrInterrupted]. A loss that is not finite, an output folder that cannot be
// written and missing or damaged data are errors; the last checkpoint remains.
func Run(ctx context.Context, c config.Config, env environment.Environment) (record.Result, error) {
	if err := c.Validate(); err != nil {
		return record.Result{}, fmt.Errorf("configuration: %w", err)
	}
	if err := env.CheckDevices(c); err != nil {
		return record.Result{}, err
	}
	env.Reporter = env.Distinct()
	env.Pool = loader.NewPool(env.Workers)
	if err := os.MkdirAll(filepath.Join(env.Out, runsDir), 0o755); err != nil { // before long work
		return record.Result{}, fmt.Errorf("output folder: %w", err)
	}
	defer hostmemory.Release() // a process may make hundreds of runs
	backend, err := platform.New(env.Backend)
	if err != nil {
		return record.Result{}, err
	}
	defer backend.Finalize()
	if err := dataparallel.Check(backend, env.DeviceCount()); err != nil {
		return record.Result{}, err
	}
	if c, err = training.ResolveWeights(ctx, c, env.LogWriter()); err != nil {
		return record.Result{}, err
	}
	found, err := input.Find(ctx, c, env.Images, env.Reporter)
	if err != nil {
		return record.Result{}, err
	}
	if err := found.CheckBatches(); err != nil { // before features are computed
		return record.Result{}, err
	}
	if err := found.CheckClasses(); err != nil {
		env.ReportWarning(err)
	}
	initial, err := training.ReadInitial(ctx, c, env.LogWriter())
	if err != nil {
		return record.Result{}, err
	}
	id := identityOf(c, found.Digests, initial.Digest, env, record.BackendKind(platform.Describe(backend)))
	if env.Resume == environment.ContinueOrRefuse {
		if err := refuseOthers(env.Out, id); err != nil {
			return record.Result{}, err
		}
		if err := damagedIdentities(env.Out); err != nil {
			env.ReportWarning(err)
		}
	}
	folder, err := openRunFolder(env.Out, id.ID())
	if err != nil {
		return record.Result{}, err
	}
	defer folder.close()
	data, err := training.Load(ctx, c, found, env, backend, initial)
	if err != nil {
		return record.Result{}, err
	}
	result, err := train(ctx, id, env, backend, data, initial, folder)
	if err != nil {
		return record.Result{}, err
	}
	if env.Record != nil {
		return result, env.Record(result)
	}
	if env.Resume != environment.StartAnew && recorded(env.Out, result) {
		return result, nil
	}
	return result, result.Append(env.Out)
}

// recorded reports whether an output folder already has the result. It has if the
// run was continued after its end.
func recorded(out string, result record.Result) bool {
	old, err := record.Read(out)
	return err == nil && slices.ContainsFunc(old, func(r record.Result) bool { return r.ID == result.ID && r.StateSHA256 == result.StateSHA256 })
}

// train trains the network from the latest checkpoint, or from the initial weights, to
// the last step.
func train(ctx context.Context, id record.Identity, env environment.Environment, backend compute.Backend, d input.Data, initial training.Initial, folder *runFolder) (record.Result, error) {
	start := time.Now()
	c := id.Config
	prepared, err := training.Prepare(c, initial.Variant, env.Compute)
	if err != nil {
		return record.Result{}, err
	}
	if err := folder.start(id, env); err != nil {
		return record.Result{}, err
	}
	store := model.NewStore()
	defer store.Finalize()
	step, p, err := folder.load(id, store)
	if err != nil {
		return record.Result{}, err
	}
	fresh := step == 0
	if fresh && env.Resume == environment.ContinueOrRefuse {
		env.ReportWarning(fmt.Errorf("there is no checkpoint to continue in %s: starting at step 0", folder.path))
	}
	if fresh { // a checkpoint holds the state of the random generator
		if err := store.SetRNGStateFromSeed(c.Seed); err != nil {
			return record.Result{}, err
		}
	}
	t, err := training.New(backend, store, prepared, len(d.Source.Classes))
	if err != nil {
		return record.Result{}, err
	}
	defer t.Finalize()
	if fresh {
		if err := initial.ApplyTo(t); err != nil {
			return record.Result{}, err
		}
	}
	batches, err := input.NewBatches(c, d, step, input.Loading(env.Images, env.Reporter))
	if err != nil {
		return record.Result{}, err
	}
	defer batches.Close()
	before, waitedBefore := p.Seconds, p.Waited
	p.Identity, p.Variant, p.Classes = id, initial.Variant.Name, d.Classes()
	if n := len(p.Points); n > 0 && p.Points[record.Best(p.Points)].Step == step { // in case a kill came between saving and marking
		if err := folder.saver.MarkBest(step); err != nil {
			return record.Result{}, err
		}
	}
	saved := step
	save := func() error {
		if saved == step {
			return nil
		}
		p.Seconds = before + time.Since(start).Seconds()
		p.Waited = waitedBefore + batches.Waited.Seconds()
		if err := folder.save(store, step, p); err != nil {
			return err
		}
		saved = step
		return nil
	}
	interrupted := func() (record.Result, error) {
		if err := save(); err != nil {
			return record.Result{}, err
		}
		if step == 0 {
			return record.Result{}, fmt.Errorf("%w before the first step: there is nothing to save", ErrInterrupted)
		}
		missing := ""
		if p.lacksEvaluation(c, step) {
			missing = ", before its evaluation"
		}
		return record.Result{}, fmt.Errorf("%w after step %d of %d%s, saved in %s", ErrInterrupted, step, c.Steps, missing, folder.path)
	}
	compiled := false
	evaluate := func() error {
		if !compiled { // nothing can interrupt XLA while it compiles the first evaluation
			if err := save(); err != nil {
				return err
			}
			compiled = true
		}
		e, err := t.Evaluate(ctx, d, env)
		if err != nil {
			return err
		}
		gates, err := training.Gates(store)
		if err != nil {
			return err
		}
		p.add(record.Point{
			Step: step, LearningRate: c.Optimizer.Rate(step - 1), Lambda: c.Ramp().Coefficient(step - 1), Target: e, Gates: gates,
		})
		saved = 0 // a checkpoint of this step lacks the evaluation
		if err := save(); err != nil {
			return err
		}
		if record.Best(p.Points) == len(p.Points)-1 {
			return folder.saver.MarkBest(step)
		}
		return nil
	}
	for step < c.Steps || p.lacksEvaluation(c, step) {
		if ctx.Err() != nil {
			return interrupted()
		}
		report := environment.Progress{Config: c}
		if p.lacksEvaluation(c, step) { // the run was interrupted in front of it
			report.TaskLoss, report.TransferLoss = p.means()
		} else {
			b, err := batches.Next(ctx)
			if err != nil {
				if ctx.Err() != nil {
					return interrupted()
				}
				return record.Result{}, err
			}
			report.TaskLoss, report.TransferLoss, err = t.Step(step, b)
			b.Finalize()
			if err != nil {
				return record.Result{}, err
			}
			step++
			p.Steps++
			p.TaskLoss += report.TaskLoss
			p.TransferLoss += report.TransferLoss
		}
		report.Step, report.Evaluated = step, p.lacksEvaluation(c, step)
		switch {
		case report.Evaluated:
			if err := evaluate(); err != nil {
				if ctx.Err() != nil {
					return interrupted()
				}
				return record.Result{}, err
			}
		case env.SaveEvery > 0 && step%env.SaveEvery == 0:
			if err := save(); err != nil {
				return record.Result{}, err
			}
		}
		if n := len(p.Points); n > 0 {
			report.Point = &p.Points[n-1]
		}
		env.ReportProgress(report)
	}
	hash, err := checkpoint.Hash(store)
	if err != nil {
		return record.Result{}, err
	}
	result := record.Result{
		ID: folder.id, Time: time.Now().UTC().Truncate(time.Second),
		Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective, Seed: c.Seed, Steps: c.Steps,
		Classes: p.Classes, Seconds: p.Seconds, DataWait: p.Waited / p.Seconds, Points: p.Points, Config: c, Digests: id.Digests, StateSHA256: hash,
		Platform: platform.Describe(backend), Versions: versions(), GitCommit: id.Version,
	}
	if id.Devices > 1 {
		result.Devices = id.Devices
	}
	result.Platform.PluginPath = "" // results are shared: other machines have other paths
	result.Choose()
	return result, nil
}

// versions returns the versions of the libraries that compute a result.
func versions() map[string]string {
	return map[string]string{
		"go":     runtime.Version(),
		"gomlx":  platform.ModuleVersion("github.com/gomlx/gomlx"),
		"go-xla": platform.ModuleVersion("github.com/gomlx/go-xla"),
	}
}
