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

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Saved is the network of a run, loaded from its output folder. Nothing that is
// done with it changes the run.
type Saved struct {
	// ID names the run, Config is its configuration.
	ID     string
	Config Config
	// Step is the one that the network is of.
	Step int

	env     Environment
	backend compute.Backend
	store   *model.Store
	initial pretrained // the weights that a frozen backbone has
	variant backbone.Variant
	data    *data // of Config, once it is needed

	// What was computed is kept.
	inspections []rnlayer.Inspection
	tested      *Predictions
	features    map[FeatureOptions]Features
}

// OpenSaved loads the latest or the best network of a run. Best is the
// label-free choice.
func OpenSaved(ctx context.Context, id string, which checkpoint.Which, env Environment) (_ *Saved, err error) {
	path := RunDir(env.Out, id)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no run %q in %s%s", id, env.Out, knownRuns(env.Out))
	}
	s := &Saved{ID: id, env: env, store: model.NewStore()}
	var p progress
	if s.Step, err = checkpoint.Read(filepath.Join(path, checkpointDir), s.store, which, &p); err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	s.Config = p.Config
	if err := s.Config.Validate(); err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	if p.Variant != "" {
		if s.variant, err = backbone.LookupVariant(p.Variant); err != nil {
			return nil, fmt.Errorf("run %s: %w", id, err)
		}
	}
	s.backend, err = platform.New(env.Backend)
	return s, err
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

// HasCheckpoints reports whether an output folder has the networks of a run.
func HasCheckpoints(out, id string) bool {
	return isDir(filepath.Join(RunDir(out, id), checkpointDir))
}

// OpenEach opens the networks of runs one after another, each as [OpenSaved]
// does, and closes one before the next. It ends after the first error.
func OpenEach(ctx context.Context, ids []string, which checkpoint.Which, env Environment) iter.Seq2[*Saved, error] {
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
func (s *Saved) Close() { s.backend.Finalize() }

// load reads the data of a configuration with the run's network.
func (s *Saved) load(ctx context.Context, c Config) (data, error) {
	if c.Network.Features == FeaturesFrozen && s.initial.file == nil {
		initial, err := c.pretrained(ctx, s.env)
		if err != nil {
			return data{}, err
		}
		s.initial = initial
	}
	return loadData(ctx, c, s.env, s.backend, s.initial)
}

// own reads the data of the run, once.
func (s *Saved) own(ctx context.Context) (data, error) {
	if s.data == nil {
		d, err := s.load(ctx, s.Config)
		if err != nil {
			return data{}, err
		}
		s.data = &d
	}
	return *s.data, nil
}

// PredictOptions say what is predicted and with which statistics.
type PredictOptions struct {
	// Domain is that of the test images; empty for the run's target.
	Domain string
	// Statistics are those that the norms use.
	Statistics rnlayer.Evaluation
	// Recalibrate has the running statistics estimated anew: the mean over an epoch
	// of training batches under the final weights.
	Recalibrate bool
	// Crops of a photograph, 1 or 10; 0 for the run's.
	Crops int
}

// Predict predicts the test images of a domain.
func (s *Saved) Predict(ctx context.Context, o PredictOptions) (_ Predictions, err error) {
	c := s.Config
	c.NormOptions.Evaluation = o.Statistics
	if o.Crops > 0 {
		if c.Network.Backbone == "" && o.Crops != 1 {
			return Predictions{}, fmt.Errorf("%d crops: recipe %s has no photographs to crop", o.Crops, c.Recipe)
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
		return Predictions{}, err
	}
	var d data
	if other || c.Photos != s.Config.Photos {
		d, err = s.load(ctx, c)
	} else {
		d, err = s.own(ctx)
	}
	if err != nil {
		return Predictions{}, err
	}
	if o.Recalibrate {
		restore, failed := s.recalibrate(ctx)
		if failed != nil {
			return Predictions{}, failed
		}
		defer func() { err = errors.Join(err, restore()) }()
	}
	t, err := newTrainer(s.backend, s.store, c, len(d.test.classes), s.variant)
	if err != nil {
		return Predictions{}, err
	}
	defer t.finalize()
	return t.predict(ctx, d.test, s.env.loading())
}

// recalibrate sets the running statistics to their means over an epoch of
// training batches, and returns what undoes it. No weight changes.
func (s *Saved) recalibrate(ctx context.Context) (restore func() error, err error) {
	d, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	t, err := newTrainer(s.backend, s.store, s.Config, len(d.test.classes), s.variant)
	if err != nil {
		return nil, err
	}
	defer t.finalize()
	before := make(map[*model.Variable]*tensors.Tensor)
	for _, v := range t.runningStatistics() {
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
	if err := t.recalibrate(ctx, d, s.env); err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}

// Statistics are the named choices of `rn eval --statistics`, with "all" of them
// side by side.
func Statistics() map[string]PredictOptions {
	return map[string]PredictOptions{
		"target":       {Statistics: rnlayer.EvalTarget},
		"source":       {Statistics: rnlayer.EvalSource},
		"batch":        {Statistics: rnlayer.EvalBatch},
		"recalibrated": {Statistics: rnlayer.EvalTarget, Recalibrate: true},
	}
}

// StatisticsNames lists the choices in order of name.
func StatisticsNames() []string { return slices.Sorted(maps.Keys(Statistics())) }

// Test predicts the target's test images as training does. The predictions are
// kept.
func (s *Saved) Test(ctx context.Context) (Predictions, error) {
	if s.tested == nil {
		p, err := s.Predict(ctx, PredictOptions{Statistics: s.Config.NormOptions.Evaluation})
		if err != nil {
			return Predictions{}, err
		}
		s.tested = &p
	}
	return *s.tested, nil
}
