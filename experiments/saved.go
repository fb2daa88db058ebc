package experiments

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"github.com/reciprocalnorm/rn/experiments/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// saved is the network of a run, loaded from its output folder.
type saved struct {
	*trainer
	backend compute.Backend
	data    data
}

// open loads the network of a run. edit may change the configuration that its
// graphs and data are made from.
func open(ctx context.Context, id string, env Environment, edit func(*Config)) (*saved, error) {
	path := RunDir(env.Out, id)
	p, err := readProgress(path)
	if err != nil {
		return nil, fmt.Errorf("no run %q in %s: %w", id, env.Out, err)
	}
	c := p.Config
	edit(&c)
	if err := c.Validate(); err != nil {
		return nil, err
	}
	d, err := loadData(ctx, c, env.Data)
	if err != nil {
		return nil, err
	}
	backend, err := platform.New(env.Backend)
	if err != nil {
		return nil, err
	}
	store := model.NewStore()
	if _, err := checkpoint.Load(store).Dir(filepath.Join(path, checkpointDir)).Immediate().Done(); err != nil {
		backend.Finalize()
		return nil, fmt.Errorf("checkpoint of run %s: %w", id, err)
	}
	t, err := newTrainer(backend, store, c, len(d.test.Classes))
	if err != nil {
		backend.Finalize()
		return nil, err
	}
	return &saved{trainer: t, backend: backend, data: d}, nil
}

func (s *saved) close() {
	s.finalize()
	s.backend.Finalize()
}

// Evaluate evaluates the network of a run in an output folder on the test
// images of a domain ("" for the run's target), normalized with the given
// statistics. Nothing is changed.
func Evaluate(ctx context.Context, id, domain string, statistics rnlayer.Evaluation, env Environment) (Evaluation, error) {
	s, err := open(ctx, id, env, func(c *Config) {
		c.NormOptions.Evaluation = statistics
		if domain != "" && domain != c.Target {
			c.Source, c.Target = c.Target, domain // a pair that is valid; the target is read
		}
	})
	if err != nil {
		return Evaluation{}, err
	}
	defer s.close()
	return s.evaluate(s.data.test)
}

// Inspect passes the first training batch through the network of a run and
// returns what each of its RN layers computed. Nothing is changed.
func Inspect(ctx context.Context, id string, env Environment) ([]rnlayer.Inspection, error) {
	s, err := open(ctx, id, env, func(*Config) {})
	if err != nil {
		return nil, err
	}
	defer s.close()
	batches, err := newBatches(s.config, s.data)
	if err != nil {
		return nil, err
	}
	b := batches.at(0)
	layers, err := rnlayer.Inspect(s.backend, s.store, func(scope *model.Scope, images []*Node) []*Node {
		features, _ := s.recipe.Network(scope.In(networkScope), Concatenate(images, 0), s.classes, s.layer)
		return []*Node{features}
	}, b.source, b.target)
	if err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("run %s has no RN layer: its norm is %q", id, s.config.Norm)
	}
	return layers, nil
}
