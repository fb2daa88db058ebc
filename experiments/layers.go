package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/training/checkpoint"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// LayerName is how people call a norm layer: its path without what all layers
// have, "conv2" for "/model/conv2/norm" and "layer4/1/conv2" for
// "/model/backbone/layer4/1/conv2/norm".
func LayerName(path string) string {
	name := strings.TrimPrefix(path, model.JoinPath("/", networkScope)+"/")
	name = strings.TrimPrefix(name, backboneScope+"/")
	return strings.TrimSuffix(name, "/"+rnlayer.ScopeName)
}

// FindLayer is the index of the layer that a name is of: its path, its
// [LayerName], or an end of that which no other layer has. The error lists the
// layers there are.
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
		return 0, fmt.Errorf("there is no layer %q: want one of %s", name, strings.Join(names, ", "))
	}
}

// layersOf are the norm layers of a store in order of their paths.
func layersOf(store *model.Store) ([]rnlayer.Layer, error) {
	layers, err := rnlayer.Layers(store)
	slices.SortFunc(layers, func(a, b rnlayer.Layer) int { return naturalCompare(a.Path, b.Path) })
	return layers, err
}

// Layers are the network's norm layers in order of their paths: parameters,
// gates and running statistics.
func (s *Saved) Layers() ([]rnlayer.Layer, error) {
	layers, err := layersOf(s.store)
	if err != nil {
		return nil, err
	}
	prefix := model.JoinPath("/", networkScope) + "/"
	return slices.DeleteFunc(layers, func(l rnlayer.Layer) bool { return !strings.HasPrefix(l.Path, prefix) }), nil
}

// Inspect passes the first training batch through the network and returns what
// each of its RN layers computed, from the input on. Nothing is changed; what
// was computed is kept.
func (s *Saved) Inspect(ctx context.Context) ([]rnlayer.Inspection, error) {
	if s.inspections != nil {
		return s.inspections, nil
	}
	d, err := s.own(ctx)
	if err != nil {
		return nil, err
	}
	t, err := newTrainer(s.backend, s.store, s.Config, len(d.test.classes), s.variant)
	if err != nil {
		return nil, err
	}
	defer t.finalize()
	batches, err := newBatches(s.Config, d, 0, s.env.loading())
	if err != nil {
		return nil, err
	}
	defer batches.close()
	b, err := batches.next(ctx)
	if err != nil {
		return nil, err
	}
	defer b.finalize()
	layers, err := rnlayer.Inspect(s.backend, s.store, func(scope *model.Scope, images []*Node) []*Node {
		features, _ := t.network(scope.In(networkScope), Concatenate(images, 0), t.classes)
		return []*Node{features}
	}, b.source, b.target)
	if err != nil {
		return nil, err
	}
	if len(layers) == 0 {
		return nil, fmt.Errorf("run %s has no RN layer: its norm is %q", s.ID, s.Config.Norm)
	}
	s.inspections = layers
	return layers, nil
}

// Inspect does [Saved.Inspect] with the latest network of a run.
func Inspect(ctx context.Context, id string, env Environment) ([]rnlayer.Inspection, error) {
	s, err := OpenSaved(ctx, id, checkpoint.Latest, env)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Inspect(ctx)
}
