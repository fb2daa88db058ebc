package experiments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// ErrInterrupted is wrapped by the error of a run whose context was cancelled:
// it has finished its step and saved, and can be resumed.
var ErrInterrupted = errors.New("interrupted")

// Environment is where and how a run is made; nothing in it but Devices changes
// numbers on the same machine and the same data.
type Environment struct {
	// Backend is GoMLX's name of the backend, empty for the machine's best; see
	// platform.New.
	Backend string
	// Data is the folder of a benchmark's photographs, or of the digits that no
	// registry has; see dataset.Options.
	Data string
	// Lists is the folder of a benchmark's list files, where it is not Data.
	Lists string
	// Out is the output folder: results.jsonl and a folder a run.
	Out string
	// Version, if set, is hashed into the run's id, so that the checkpoints of
	// another version of the code are another run's; see Config.RunID.
	Version string
	// Record, if set, is given the result in place of the results file.
	Record func(Result) error
	// Resume continues a run that was interrupted or killed.
	Resume bool
	// SaveEvery is the number of steps between checkpoints beside those at
	// evaluations; 0 for none.
	SaveEvery int
	// Keep is the number of the latest checkpoints that are kept, beside the best;
	// 0 for two, so that a damaged one is not the end.
	Keep int
	// Workers is the number of goroutines that read photographs; 0 for one a core.
	Workers int
	// SkipBroken leaves out photographs that cannot be read, instead of failing at
	// the first.
	SkipBroken bool
	// Devices is the number of the backend's devices that share each training step,
	// see package dataparallel; 0 for one. The batch size must be a multiple of it.
	// Numbers differ from those of one device by rounding.
	Devices int
	// Progress, if set, is called after every step.
	Progress func(Progress)
	// Preparing, if set, is called while something takes long that is no step: before
	// the first one, and where a norm's statistics are estimated for an evaluation.
	Preparing func(what string, done, total int)
	// Warn, if set, is told what does not end the run.
	Warn func(error)
	// Log, if set, is where downloads report.
	Log io.Writer
}

// log is where downloads report.
func (env Environment) log() io.Writer {
	if env.Log != nil {
		return env.Log
	}
	return io.Discard
}

// warn tells what does not end the run.
func (env Environment) warn(err error) {
	if env.Warn != nil {
		env.Warn(err)
	}
}

// devices is the number of devices of a training step.
func (env Environment) devices() int { return max(env.Devices, 1) }

// CheckDevices reports that the batches of a configuration cannot be split over
// the devices, whatever backend has them.
func (env Environment) CheckDevices(c Config) error {
	if env.Devices < 0 {
		return fmt.Errorf("%d devices: want at least 1", env.Devices)
	}
	if n := env.devices(); c.BatchSize%n != 0 {
		return fmt.Errorf("batch size %d (images of a domain) does not divide among %d devices: each needs as many of every domain", c.BatchSize, n)
	}
	return nil
}

// loading are the options of reading images.
func (env Environment) loading() loader.Options {
	o := loader.Options{Workers: env.Workers}
	if env.SkipBroken {
		o.Broken = loader.Skip
		o.OnBroken = func(_ int, err error) { env.warn(fmt.Errorf("left out: %w", err)) }
	}
	return o
}

// Progress tells how far a run is.
type Progress struct {
	Config Config
	// Step of Config.Steps is done.
	Step int
	// TaskLoss and TransferLoss are those of the step.
	TaskLoss, TransferLoss float64
	// Point is the last evaluation, nil before the first.
	Point *Point
	// Evaluated says that Point is of this step.
	Evaluated bool
}

// Run trains a network as the configuration says, evaluates it on the target's
// test images and appends the result to the results file of the output folder,
// or gives it to env.Record. The same configuration on the same machine gives
// the same numbers.
//
// Cancelling ctx ends the run after the step at hand: it saves, and the error
// wraps [ErrInterrupted]. A loss that is not finite, an output folder that
// cannot be written, data that are missing or damaged are errors, and leave the
// last checkpoint.
func Run(ctx context.Context, c Config, env Environment) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, fmt.Errorf("configuration: %w", err)
	}
	if err := env.CheckDevices(c); err != nil {
		return Result{}, err
	}
	c, err := c.Resolve(ctx, env)
	if err != nil {
		return Result{}, err
	}
	folder, err := openRunFolder(env.Out, c.RunID(env.Version))
	if err != nil {
		return Result{}, err
	}
	defer folder.close()
	backend, err := platform.New(env.Backend)
	if err != nil {
		return Result{}, err
	}
	defer backend.Finalize()
	if err := dataparallel.Check(backend, env.devices()); err != nil {
		return Result{}, err
	}
	initial, err := c.pretrained(ctx, env)
	if err != nil {
		return Result{}, err
	}
	data, err := loadData(ctx, c, env, backend, initial)
	if err != nil {
		return Result{}, err
	}
	result, err := train(ctx, c, env, backend, data, initial, folder)
	if err != nil {
		return Result{}, err
	}
	if env.Record != nil {
		return result, env.Record(result)
	}
	if env.Resume { // of a run that had come to its end
		if old, err := ReadResults(env.Out); err == nil && slices.ContainsFunc(old, func(r Result) bool { return r.ID == result.ID && r.StateSHA256 == result.StateSHA256 }) {
			return result, nil
		}
	}
	return result, AppendResult(env.Out, result)
}

// loadData loads what the network of a configuration reads.
func loadData(ctx context.Context, c Config, env Environment, backend compute.Backend, initial pretrained) (data, error) {
	recipe, err := LookupRecipe(c.Recipe)
	switch {
	case err != nil:
		return data{}, err
	case !recipe.OfPhotos():
		return loadDigits(ctx, c, recipe, env.Data)
	case c.Network.Features == FeaturesFrozen:
		return featureData(ctx, c, recipe, env, backend, initial)
	default:
		return photoData(ctx, c, recipe, env)
	}
}

// train is the training loop.
func train(ctx context.Context, c Config, env Environment, backend compute.Backend, d data, initial pretrained, folder *runFolder) (Result, error) {
	start := time.Now()
	digests := maps.Clone(d.digests)
	if initial.file != nil {
		digests["weights"] = initial.digest
	}
	if err := checkBatches(c, d); err != nil { // only now is nothing missing: an earlier run is kept until then
		return Result{}, err
	}
	if err := folder.start(c, env); err != nil {
		return Result{}, err
	}
	store := model.NewStore()
	step, p, err := folder.load(c, store, digests)
	if err != nil {
		return Result{}, err
	}
	fresh := step == 0
	if fresh { // else the state of the generator was saved with the rest
		if err := store.SetRNGStateFromSeed(c.Seed); err != nil {
			return Result{}, err
		}
	}
	t, err := newSpreadTrainer(env.devices(), backend, store, c, len(d.source.classes), initial.variant)
	if err != nil {
		return Result{}, err
	}
	defer t.finalize()
	if fresh {
		if err := initial.into(t, backend); err != nil {
			return Result{}, err
		}
	}
	batches, err := newBatches(c, d, step, env.loading())
	if err != nil {
		return Result{}, err
	}
	defer batches.close()
	before, waitedBefore := p.Seconds, p.Waited
	p.Config, p.Digests, p.Variant = c, digests, initial.variant.Name
	if n := len(p.Points); n > 0 && p.Points[best(p.Points)].Step == step { // in case it was killed between the two
		if err := folder.saver.MarkBest(step); err != nil {
			return Result{}, err
		}
	}
	saved := step
	save := func() error {
		if saved == step {
			return nil
		}
		p.Seconds = before + time.Since(start).Seconds()
		p.Waited = waitedBefore + batches.waited.Seconds()
		if err := folder.save(store, step, p); err != nil {
			return err
		}
		saved = step
		return nil
	}
	interrupted := func() (Result, error) {
		if err := save(); err != nil {
			return Result{}, err
		}
		return Result{}, fmt.Errorf("%w after step %d of %d, saved in %s", ErrInterrupted, step, c.Steps, folder.path)
	}
	for step < c.Steps {
		if ctx.Err() != nil {
			return interrupted()
		}
		b, err := batches.next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return interrupted()
			}
			return Result{}, err
		}
		task, transfer, err := t.train(step, b)
		b.finalize()
		if err != nil {
			return Result{}, err
		}
		step++
		p.Steps++
		p.TaskLoss += task
		p.TransferLoss += transfer
		report := Progress{Config: c, Step: step, TaskLoss: task, TransferLoss: transfer}
		evaluate := step%c.EvalEvery == 0 || step == c.Steps
		if evaluate {
			// The step is done: its evaluation is finished before an interruption is heeded.
			e, err := t.evaluateTarget(context.WithoutCancel(ctx), d, env)
			if err != nil {
				return Result{}, err
			}
			gates, err := gatesOf(store)
			if err != nil {
				return Result{}, err
			}
			p.Points = append(p.Points, Point{
				Step: step, TaskLoss: p.TaskLoss / float64(p.Steps), TransferLoss: p.TransferLoss / float64(p.Steps),
				LearningRate: c.Optimizer.Rate(step - 1), Lambda: c.ramp().Coefficient(step - 1), Target: e, Gates: gates,
			})
			p.Steps, p.TaskLoss, p.TransferLoss = 0, 0, 0
			report.Evaluated = true
		}
		if evaluate || env.SaveEvery > 0 && step%env.SaveEvery == 0 {
			if err := save(); err != nil {
				return Result{}, err
			}
		}
		if evaluate && best(p.Points) == len(p.Points)-1 {
			if err := folder.saver.MarkBest(step); err != nil {
				return Result{}, err
			}
		}
		if n := len(p.Points); n > 0 {
			report.Point = &p.Points[n-1]
		}
		if env.Progress != nil {
			env.Progress(report)
		}
	}
	hash, err := checkpoint.Hash(store)
	if err != nil {
		return Result{}, err
	}
	result := Result{
		ID: folder.id, Time: time.Now().UTC().Truncate(time.Second),
		Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective, Seed: c.Seed, Steps: c.Steps,
		Seconds: p.Seconds, DataWait: p.Waited / p.Seconds, Points: p.Points, Config: c, Digests: digests, StateSHA256: hash,
		Platform: platform.Describe(backend), Versions: versions(), GitCommit: GitCommit(),
	}
	if n := env.devices(); n > 1 {
		result.Devices = n
	}
	result.Platform.PluginPath = "" // says where, not what; results are shared
	result.choose()
	return result, nil
}

// versions are those of what computes a result.
func versions() map[string]string {
	return map[string]string{
		"go":     runtime.Version(),
		"gomlx":  platform.ModuleVersion("github.com/gomlx/gomlx"),
		"go-xla": platform.ModuleVersion("github.com/gomlx/go-xla"),
	}
}
