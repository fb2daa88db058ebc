package experiments

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/dataset"
	"github.com/reciprocalnorm/rn/experiments/platform"
)

// ErrInterrupted is wrapped by the error of a run whose context was cancelled:
// it has finished its step and saved, and can be resumed.
var ErrInterrupted = errors.New("interrupted")

// Environment is where and how a run is made; nothing in it changes numbers on
// the same machine.
type Environment struct {
	// Backend is GoMLX's name of the backend, empty for the machine's best; see
	// platform.New.
	Backend string
	// Data is the folder of datasets that no registry has; see dataset.Options.
	Data string
	// Out is the output folder: results.jsonl and a folder a run.
	Out string
	// Resume continues a run that was interrupted.
	Resume bool
	// Progress, if set, is called after every step.
	Progress func(Progress)
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
// test images and appends the result to the results file of the output folder.
// The same configuration on the same machine gives the same numbers.
//
// Cancelling ctx ends the run after the step at hand: it saves, and the error
// wraps [ErrInterrupted]. A loss that is not finite, an output folder that
// cannot be written, data that are missing or damaged are errors.
func Run(ctx context.Context, c Config, env Environment) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, fmt.Errorf("configuration: %w", err)
	}
	folder, err := openRunFolder(env.Out, c)
	if err != nil {
		return Result{}, err
	}
	defer folder.close()
	data, err := loadData(ctx, c, env.Data)
	if err != nil {
		return Result{}, err
	}
	backend, err := platform.New(env.Backend)
	if err != nil {
		return Result{}, err
	}
	defer backend.Finalize()
	result, err := train(ctx, c, env, backend, data, folder)
	if err != nil {
		return Result{}, err
	}
	return result, AppendResult(env.Out, result)
}

// data is what a run reads. Target training images have no labels.
type data struct {
	source, target *dataset.Images
	test           *dataset.Images
}

// loadData loads and resizes the images of a configuration.
func loadData(ctx context.Context, c Config, root string) (data, error) {
	recipe, err := LookupRecipe(c.Recipe)
	if err != nil {
		return data{}, err
	}
	load := func(name string) (dataset.Splits, error) {
		spec, err := dataset.Lookup(name)
		if err != nil {
			return dataset.Splits{}, err
		}
		return spec.Load(ctx, dataset.Options{Root: DatasetRoot(root, name), TrainLimit: c.TrainLimit})
	}
	source, err := load(c.Source)
	if err != nil {
		return data{}, err
	}
	target, err := load(c.Target)
	if err != nil {
		return data{}, err
	}
	d := data{
		source: source.Train.Resize(recipe.Height, recipe.Width),
		target: target.Train.WithoutLabels().Resize(recipe.Height, recipe.Width),
		test:   target.Test.Resize(recipe.Height, recipe.Width),
	}
	if a, b := len(d.source.Classes), len(d.test.Classes); a != b {
		return data{}, fmt.Errorf("%s has %d classes, %s %d", c.Source, a, c.Target, b)
	}
	return d, nil
}

// train is the training loop.
func train(ctx context.Context, c Config, env Environment, backend compute.Backend, d data, folder *runFolder) (Result, error) {
	start := time.Now()
	batches, err := newBatches(c, d)
	if err != nil {
		return Result{}, err
	}
	if !env.Resume { // only now that nothing is missing: an earlier run is kept until then
		if err := folder.reset(); err != nil {
			return Result{}, err
		}
	}
	store := model.NewStore()
	step, p, err := folder.load(store)
	if err != nil {
		return Result{}, err
	}
	if step == 0 { // else the state of the generator was saved with the rest
		if err := store.SetRNGStateFromSeed(c.Seed); err != nil {
			return Result{}, err
		}
	}
	t, err := newTrainer(backend, store, c, len(d.source.Classes))
	if err != nil {
		return Result{}, err
	}
	defer t.finalize()
	before := p.Seconds
	p.Config = c
	save := func() error {
		p.Seconds = before + time.Since(start).Seconds()
		return folder.save(p)
	}
	for ; step < c.Steps; step++ {
		if ctx.Err() != nil {
			if err := save(); err != nil {
				return Result{}, err
			}
			return Result{}, fmt.Errorf("%w after step %d of %d, saved in %s", ErrInterrupted, step, c.Steps, folder.path)
		}
		task, transfer, err := t.train(step, batches.at(step))
		if err != nil {
			return Result{}, err
		}
		p.Steps++
		p.TaskLoss += task
		p.TransferLoss += transfer
		report := Progress{Config: c, Step: step + 1, TaskLoss: task, TransferLoss: transfer}
		if done := step + 1; done%c.EvalEvery == 0 || done == c.Steps {
			e, err := t.evaluate(d.test)
			if err != nil {
				return Result{}, err
			}
			p.Points = append(p.Points, Point{
				Step: done, TaskLoss: p.TaskLoss / float64(p.Steps), TransferLoss: p.TransferLoss / float64(p.Steps),
				LearningRate: c.Optimizer.Rate(step), Lambda: c.ramp().Coefficient(step), Target: e,
			})
			p.Steps, p.TaskLoss, p.TransferLoss = 0, 0, 0
			report.Evaluated = true
		}
		if n := len(p.Points); n > 0 {
			report.Point = &p.Points[n-1]
		}
		if env.Progress != nil {
			env.Progress(report)
		}
	}
	if err := save(); err != nil {
		return Result{}, err
	}
	result := Result{
		ID: c.ID(), Time: time.Now().UTC().Truncate(time.Second),
		Recipe: c.Recipe, Source: c.Source, Target: c.Target, Norm: c.Norm, Objective: c.Objective, Seed: c.Seed, Steps: c.Steps,
		Seconds: p.Seconds, Points: p.Points, Config: c,
		Platform: platform.Describe(backend), Versions: versions(), GitCommit: GitCommit(),
	}
	result.Platform.PluginPath = "" // says where, not what; results are shared
	result.choose()
	return result, nil
}

// batches draws the images of each step.
type batches struct {
	data           data
	source, target *dataset.Sampler
	// reused buffers
	sourcePixels, targetPixels []float32
	labels                     []int32
}

// newBatches checks that every domain has a batch of images.
func newBatches(c Config, d data) (*batches, error) {
	source, err := dataset.NewSampler(d.source.Len(), c.BatchSize, uint64(c.Seed))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.source.Name, err)
	}
	const targetStream = 0x9e3779b97f4a7c15 // so that equal sizes do not draw equal indices
	target, err := dataset.NewSampler(d.target.Len(), c.BatchSize, uint64(c.Seed)^targetStream)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.target.Name, err)
	}
	return &batches{data: d, source: source, target: target}, nil
}

// at returns the batch of a step.
func (b *batches) at(step int) batch {
	images := func(im *dataset.Images, pixels []float32) *tensors.Tensor {
		return tensors.FromFlatDataAndDimensions(pixels, len(pixels)/im.ImageSize(), im.Height, im.Width, im.Channels)
	}
	b.sourcePixels, b.labels = b.data.source.BatchInto(b.sourcePixels, b.labels, b.source.Indices(step))
	b.targetPixels, _ = b.data.target.BatchInto(b.targetPixels, nil, b.target.Indices(step))
	return batch{
		source: images(b.data.source, b.sourcePixels), target: images(b.data.target, b.targetPixels),
		sourceLabels: tensors.FromFlatDataAndDimensions(b.labels, len(b.labels)),
	}
}

// DatasetRoot is the folder of a dataset below root: root/name if there is one,
// root itself for USPS, the one dataset that no registry has, and else none.
func DatasetRoot(root, name string) string {
	if root == "" {
		return ""
	}
	if below := filepath.Join(root, name); isDir(below) {
		return below
	}
	if name == "usps" {
		return root
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// versions are those of what computes a result.
func versions() map[string]string {
	return map[string]string{
		"go":     runtime.Version(),
		"gomlx":  platform.ModuleVersion("github.com/gomlx/gomlx"),
		"go-xla": platform.ModuleVersion("github.com/gomlx/go-xla"),
	}
}

// commit is set by the Makefile's build.
var commit string

// GitCommit is the commit that the program was built from, or "unknown".
func GitCommit() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}
