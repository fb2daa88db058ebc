package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// LayerName shortens the path of a norm layer to the part that tells it from
// others: "conv2" for "/model/conv2/norm", "layer4/1/conv2" for
// "/model/backbone/layer4/1/conv2/norm".
func LayerName(path string) string {
	name := strings.TrimPrefix(path, model.JoinPath("/", config.NetworkScope)+"/")
	name = strings.TrimPrefix(name, config.BackboneScope+"/")
	return strings.TrimSuffix(name, "/"+rnlayer.ScopeName)
}

// FindLayer returns the index of the layer with the given name: its path, its
// [LayerName], or an end of that name that no other layer has. The error lists the
// known layers.
func FindLayer(paths []string, name string) (int, error) {
	var names, found []string
	at := -1
	for i, path := range paths {
		short := LayerName(path)
		if name == path || name == short {
			return i, nil
		}
		names = append(names, short)
		if strings.HasSuffix(short, "/"+name) {
			found, at = append(found, short), i
		}
	}
	switch {
	case len(found) == 1:
		return at, nil
	case len(found) > 1:
		return 0, fmt.Errorf("layer %q could be any of %s", name, strings.Join(found, ", "))
	default:
		return 0, fmt.Errorf("unknown layer %q: want one of %s", name, strings.Join(names, ", "))
	}
}

// Layers returns the network's norm layers in order of their paths, with
// parameters, gates and running statistics.
func (s *Saved) Layers() ([]rnlayer.Layer, error) {
	layers, err := training.Layers(s.store)
	if err != nil {
		return nil, err
	}
	prefix := model.JoinPath("/", config.NetworkScope) + "/"
	return slices.DeleteFunc(layers, func(l rnlayer.Layer) bool { return !strings.HasPrefix(l.Path, prefix) }), nil
}

// Inspect passes the first training batch through the network and returns what each
// RN layer computed, from the input on. It changes nothing and computes once.
func (s *Saved) Inspect(ctx context.Context) ([]rnlayer.Inspection, error) {
	if s.inspections != nil {
		return s.inspections, nil
	}
	d, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	t, err := s.trainer(s.Config, len(d.Test.Classes))
	if err != nil {
		return nil, err
	}
	defer t.Finalize()
	batches, err := input.NewBatches(s.Config, d, 0, input.Loading(s.env.Images, s.env.Reporter))
	if err != nil {
		return nil, err
	}
	defer batches.Close()
	b, err := batches.Next(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Finalize()
	layers, err := rnlayer.Inspect(s.backend, s.store, func(scope *model.Scope, images []*Node) []*Node {
		features, _ := t.Network(scope.In(config.NetworkScope), Concatenate(images, 0), t.Classes)
		return []*Node{features}
	}, b.Source, b.Target)
	if err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("run %s has no RN layer: its norm is %q", s.ID, s.Config.Norm)
	}
	s.inspections = layers
	return layers, nil
}

// Inspect is [Saved.Inspect] of the latest checkpoint of a run.
func Inspect(ctx context.Context, id string, env environment.Environment) ([]rnlayer.Inspection, error) {
	s, err := OpenSaved(ctx, id, checkpoint.Latest, env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Inspect(ctx)
}
