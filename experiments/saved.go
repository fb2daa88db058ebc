package experiments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/score"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Saved is the network of a run, loaded from its output folder. Its methods leave
// the run as it is. They keep what they computed and use one backend and one set of
// variables, so a Saved is for one goroutine at a time; several may be open at once.
type Saved struct {
	// ID names the run.
	ID     string
	Config config.Config
	// Step is the training step of the checkpoint.
	Step int

	env     environment.Environment
	backend compute.Backend
	store   *model.Store
	classes []string // by label; empty in older checkpoints
	variant backbone.Variant
	initial *training.Initial // weights of a frozen backbone, once they are needed
	data    *input.Data       // of Config, once it is needed

	// Results that were computed once.
	inspections []rnlayer.Inspection
	tested      *score.Predictions
	features    map[FeatureOptions]Features
}

// OpenSaved loads the latest or the best checkpoint of a run. Best is the label-free
// choice infomax. Close frees it.
func OpenSaved(ctx context.Context, id string, which checkpoint.Which, env environment.Environment) (_ *Saved, err error) {
	path := runDir(env.Out, id)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no run %q in %s%s", id, env.Out, knownRuns(env.Out))
	}
	env.Reporter = env.Distinct()
	s := &Saved{ID: id, env: env, store: model.NewStore()}
	defer func() {
		if err != nil {
			s.store.Finalize()
		}
	}()
	var p progress
	if s.Step, err = checkpoint.Read(filepath.Join(path, checkpointDir), s.store, which, &p, env.ReportWarning); err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	s.Config, s.classes = p.Identity.Config, p.Classes
	if err := s.Config.Validate(); err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	if p.Variant != "" {
		if s.variant, err = backbone.LookupVariant(p.Variant); err != nil {
			return nil, fmt.Errorf("run %s: %w", id, err)
		}
	}
	if s.backend, err = platform.New(env.Backend); err != nil {
		return nil, err
	}
	return s, nil
}

// knownRuns lists the runs of an output folder for a message.
func knownRuns(out string) string {
	entries, err := os.ReadDir(filepath.Join(out, "runs"))
	if err != nil || len(entries) == 0 {
		return ": there are no runs in it"
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	const most = 10
	if len(names) > most {
		return fmt.Sprintf(": it has %s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return ": it has " + strings.Join(names, ", ")
}

// OpenEach opens runs one after another as [OpenSaved] does, and closes each before
// the next. It ends after the first error.
func OpenEach(ctx context.Context, ids []string, which checkpoint.Which, env environment.Environment) iter.Seq2[*Saved, error] {
	return func(yield func(*Saved, error) bool) {
		for _, id := range ids {
			s, err := OpenSaved(ctx, id, which, env)
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(s, nil)
			s.Close()
			if !more {
				return
			}
		}
	}
}

// Close frees the network.
func (s *Saved) Close() {
	s.store.Finalize()
	s.backend.Finalize()
}

// load reads the data of a configuration for the run's network, with the network's
// labels.
func (s *Saved) load(ctx context.Context, c config.Config) (input.Data, error) {
	found, err := input.Find(ctx, c, s.env.Images, s.env.Reporter)
	if err != nil {
		return input.Data{}, err
	}
	if err := found.MatchClasses(s.classes, s.env.Reporter); err != nil {
		return input.Data{}, fmt.Errorf("run %s: %w", s.ID, err)
	}
	var initial training.Initial
	if c.Network.Features == config.FeaturesFrozen {
		if initial, err = s.pretrained(ctx); err != nil {
			return input.Data{}, err
		}
	}
	return training.Load(ctx, c, found, s.env, s.backend, initial)
}

// pretrained reads the weights of the run's frozen backbone, once.
func (s *Saved) pretrained(ctx context.Context) (training.Initial, error) {
	if s.initial == nil {
		initial, err := training.ReadInitial(ctx, s.Config, s.env.LogWriter())
		if err != nil {
			return training.Initial{}, err
		}
		s.initial = &initial
	}
	return *s.initial, nil
}

// own reads the data of the run, once.
func (s *Saved) own(ctx context.Context) (input.Data, error) {
	if s.data == nil {
		d, err := s.load(ctx, s.Config)
		if err != nil {
			return input.Data{}, err
		}
		s.data = &d
	}
	return *s.data, nil
}

// trainer makes the graphs of the network under a configuration.
func (s *Saved) trainer(c config.Config, classes int) (*training.Trainer, error) {
	return trainerOf(s.backend, s.store, c, s.variant, classes)
}

// trainerOf makes the graphs of a configuration over a store, for one device.
func trainerOf(backend compute.Backend, store *model.Store, c config.Config, variant backbone.Variant, classes int) (*training.Trainer, error) {
	p, err := training.Prepare(c, variant, environment.Compute{})
	if err != nil {
		return nil, err
	}
	return training.New(backend, store, p, classes)
}

// PredictOptions select the images to predict and the statistics to normalize with.
type PredictOptions struct {
	// Domain is the domain of the test images; empty for the run's target.
	Domain string
	// Statistics are the statistics that the norms use.
	Statistics rnlayer.Evaluation
	// Recalibrate estimates the running statistics anew, as means over an epoch of
	// training batches under the final weights.
	Recalibrate bool
	// Crops of a photograph, 1 or 10; 0 for the run's.
	Crops int
}

// Predict predicts the test images of a domain. With Recalibrate it changes the
// network's running statistics until it returns.
func (s *Saved) Predict(ctx context.Context, o PredictOptions) (_ score.Predictions, err error) {
	c := s.Config
	c.NormOptions.Evaluation = o.Statistics
	if o.Crops > 0 {
		if c.Network.Backbone == "" && o.Crops != 1 {
			return score.Predictions{}, fmt.Errorf("%d crops: recipe %s has no photographs to crop", o.Crops, c.Recipe)
		}
		if c.Network.Backbone != "" {
			c.Photos.TestCrops = o.Crops
		}
	}
	other := o.Domain != "" && o.Domain != c.Target
	if other {
		c.Source, c.Target = c.Target, o.Domain // a pair that is valid; the target is read
	}
	if err := c.Validate(); err != nil {
		return score.Predictions{}, err
	}
	var d input.Data
	if other || c.Photos != s.Config.Photos {
		d, err = s.load(ctx, c)
	} else {
		d, err = s.own(ctx)
	}
	if err != nil {
		return score.Predictions{}, err
	}
	if o.Recalibrate {
		restore, failed := s.recalibrate(ctx)
		if failed != nil {
			return score.Predictions{}, failed
		}
		defer func() { err = errors.Join(err, restore()) }()
	}
	t, err := s.trainer(c, len(d.Test.Classes))
	if err != nil {
		return score.Predictions{}, err
	}
	defer t.Finalize()
	return t.Predict(ctx, d.Test, s.env)
}

// recalibrate sets the running statistics to their means over an epoch of
// training batches, and returns what undoes it. No weight changes.
func (s *Saved) recalibrate(ctx context.Context) (restore func() error, err error) {
	d, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	t, err := s.trainer(s.Config, len(d.Test.Classes))
	if err != nil {
		return nil, err
	}
	defer t.Finalize()
	before := make(map[*model.Variable]*tensors.Tensor)
	for _, v := range t.RunningStatistics() {
		if before[v], err = v.MustValue().LocalClone(); err != nil {
			return nil, err
		}
	}
	restore = func() error {
		var errs []error
		for v, value := range before {
			errs = append(errs, v.SetValue(value))
		}
		return errors.Join(errs...)
	}
	if err := t.Recalibrate(ctx, d, s.env); err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}

// Statistics are the choices of `rn eval --statistics` by name.
func Statistics() map[string]PredictOptions {
	return map[string]PredictOptions{
		"target":       {Statistics: rnlayer.EvalTarget},
		"source":       {Statistics: rnlayer.EvalSource},
		"batch":        {Statistics: rnlayer.EvalBatch},
		"recalibrated": {Statistics: rnlayer.EvalTarget, Recalibrate: true},
	}
}

// StatisticsNames lists the names of [Statistics], sorted.
func StatisticsNames() []string { return slices.Sorted(maps.Keys(Statistics())) }

// Test predicts the target's test images with the statistics that training
// evaluates with, once.
func (s *Saved) Test(ctx context.Context) (score.Predictions, error) {
	if s.tested == nil {
		p, err := s.Predict(ctx, PredictOptions{Statistics: s.Config.NormOptions.Evaluation})
		if err != nil {
			return score.Predictions{}, err
		}
		s.tested = &p
	}
	return *s.tested, nil
}
