package training

import (
	"context"
	"fmt"
	"io"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// ResolveWeights replaces the weights "auto" by the registry's weights for the
// backbone, which it fetches if none are there. log receives reports of downloads.
func ResolveWeights(ctx context.Context, c config.Config, log io.Writer) (config.Config, error) {
	if c.Network.Weights != config.WeightsAuto {
		return c, nil
	}
	spec, err := weights.Resolve(ctx, c.Network.Backbone, log)
	if err != nil {
		return c, fmt.Errorf("pretrained weights of %s: %w", c.Network.Backbone, err)
	}
	c.Network.Weights = spec.Name
	return c, nil
}

// Initial are the initial weights of a backbone. The zero value stands for random
// ones.
type Initial struct {
	// Digest is the sha256 of the file of weights; empty for random weights.
	Digest string
	// Variant is the variant of the backbone that the weights are for; the zero
	// value for digits.
	Variant backbone.Variant

	file *weights.File
}

// ReadInitial reads the initial weights of a configuration.
func ReadInitial(ctx context.Context, c config.Config, log io.Writer) (Initial, error) {
	if c.Network.Backbone == "" {
		return Initial{}, nil
	}
	if c.Network.Weights == config.WeightsNone {
		return Initial{Variant: backbone.TorchVision}, nil
	}
	file, err := weights.Open(ctx, c.Network.Weights, log)
	if err != nil {
		return Initial{}, fmt.Errorf("pretrained weights: %w", err)
	}
	r, err := file.ResNet()
	if err == nil && r.Name() != c.Network.Backbone {
		err = fmt.Errorf("weights: %s holds weights of %s, but the configuration's backbone is %s", file.Path, r.Name(), c.Network.Backbone)
	}
	return Initial{Digest: file.SHA256(), Variant: r.Variant, file: file}, err
}

// Apply sets the backbone's variables in a store whose graphs are not built yet.
func (i Initial) Apply(backend compute.Backend, store *model.Store, resnet backbone.ResNet, norm rnlayer.Norm) error {
	scope := model.JoinPath("/", config.NetworkScope, config.BackboneScope)
	if err := resnet.CreateVariables(backend, store, scope, norm); err != nil {
		return err
	}
	return weights.Apply(store, scope, resnet, i.file)
}

// ApplyTo sets the initial weights of a trainer that fine-tunes a backbone. It does
// nothing for other trainers.
func (i Initial) ApplyTo(t *Trainer) error {
	c := t.Prepared.Config
	if i.file == nil || c.Network.Features == config.FeaturesFrozen {
		return nil
	}
	resnet, err := c.ResNet(i.Variant)
	if err != nil {
		return err
	}
	return i.Apply(t.backend, t.Store, resnet, t.norm(c.BackboneNorm(i.Variant)))
}
