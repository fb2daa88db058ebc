package experiments

import (
	"context"
	"maps"
	"sync"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// Identifier finds the identities of runs before they are made. It digests each
// data set and each file of weights once. It is safe for concurrent use.
type Identifier struct {
	env     environment.Environment
	backend string

	mu      sync.Mutex
	data    map[domains]map[string]string // digests
	weights map[config.Network]resolved
}

// domains is everything that decides the data of a run.
type domains struct {
	recipe, source, target string
	limit                  int
}

// resolved are weights with their name and digest.
type resolved struct{ name, digest string }

// NewIdentifier makes an Identifier for runs in an environment. It opens the backend
// once to learn its kind.
func NewIdentifier(env environment.Environment) (*Identifier, error) {
	backend, err := platform.New(env.Backend)
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
	return &Identifier{
		env: env, backend: record.BackendKind(platform.Describe(backend)),
		data: make(map[domains]map[string]string), weights: make(map[config.Network]resolved),
	}, nil
}

// Identity is the identity that the result of [Run] will have. Its configuration
// names the weights. It returns the errors of missing data and weights.
func (i *Identifier) Identity(ctx context.Context, c config.Config) (record.Identity, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	network := config.Network{Backbone: c.Network.Backbone, Weights: c.Network.Weights}
	w, ok := i.weights[network]
	if !ok {
		named, err := training.ResolveWeights(ctx, c, i.env.LogWriter())
		if err != nil {
			return record.Identity{}, err
		}
		initial, err := training.ReadInitial(ctx, named, i.env.LogWriter())
		if err != nil {
			return record.Identity{}, err
		}
		w = resolved{named.Network.Weights, initial.Digest}
		i.weights[network] = w
	}
	c.Network.Weights = w.name
	key := domains{c.Recipe, c.Source, c.Target, c.TrainLimit}
	digests, ok := i.data[key]
	if !ok {
		found, err := input.Find(ctx, c, i.env.Images, i.env.Reporter)
		if err != nil {
			return record.Identity{}, err
		}
		digests = found.Digests
		i.data[key] = digests
	}
	return identityOf(c, digests, w.digest, i.env, i.backend), nil
}

// identityOf is the identity of a run with the digests of its data and weights.
func identityOf(c config.Config, data map[string]string, weights string, env environment.Environment, backend string) record.Identity {
	digests := maps.Clone(data)
	if weights != "" {
		digests[record.DigestWeights] = weights
	}
	return record.Identity{Config: c, Digests: digests, Version: env.CodeVersion(), Backend: backend, Devices: env.DeviceCount()}
}
