package experiments

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/export"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Export writes the network with its norms folded, using the running statistics of
// one domain; see [export.Safetensors]. A network over frozen features is written
// with its backbone. The metadata names the run, the classes and the preprocessing.
func (s *Saved) Export(ctx context.Context, path string, statistics rnlayer.Evaluation) (export.Report, error) {
	if statistics == rnlayer.EvalBatch {
		return export.Report{}, errors.New("statistics of each batch cannot be folded: choose the target's or the source's")
	}
	c := s.Config
	c.NormOptions.Evaluation = statistics
	c.Activations = backbone.Float32
	store, variant := s.store, s.variant
	if c.Network.Features == config.FeaturesFrozen { // the head alone was saved
		initial, err := s.pretrained(ctx)
		if err != nil {
			return export.Report{}, err
		}
		variant = initial.Variant
		c.Network.Features, c.Network.Freeze = config.FeaturesFinetuned, backbone.Stages
		resnet, err := c.ResNet(variant)
		if err != nil {
			return export.Report{}, err
		}
		if store, err = s.store.Clone(); err != nil {
			return export.Report{}, err
		}
		defer store.Finalize()
		if err := initial.Apply(s.backend, store, resnet, nil); err != nil {
			return export.Report{}, err
		}
	}
	d, err := s.load(ctx, c)
	if err != nil {
		return export.Report{}, err
	}
	t, err := trainerOf(s.backend, store, c, variant, len(d.Test.Classes))
	if err != nil {
		return export.Report{}, err
	}
	defer t.Finalize()
	preprocessing, err := json.Marshal(c.Photos)
	if err != nil {
		return export.Report{}, err
	}
	return export.Safetensors(ctx, s.backend, t, d.Test, input.Loading(s.env.Images, s.env.Reporter), map[string]string{
		"format": "pt", "run": s.ID, "recipe": c.Recipe, "source": c.Source, "target": c.Target, "norm": c.Norm, "objective": c.Objective,
		"backbone": c.Network.Backbone, "variant": variant.Name, "statistics": statistics.String(),
		"classes": strings.Join(d.Test.Classes, "\n"), "photos": string(preprocessing),
	}, path)
}
