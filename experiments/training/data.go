package training

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
)

// Load reads what the network of a configuration reads of its domains: images, or
// the features that a frozen backbone computes from them.
func Load(ctx context.Context, c config.Config, found input.Found, env environment.Environment, backend compute.Backend, initial Initial) (input.Data, error) {
	if c.Network.Features == config.FeaturesFrozen {
		return extract(ctx, c, found, env, backend, initial)
	}
	return found.Data()
}
