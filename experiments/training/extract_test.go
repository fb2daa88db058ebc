package training

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
)

// TestFeatureKey: everything that decides features decides the cache's file.
func TestFeatureKey(t *testing.T) {
	key := featureKey{"resnet18", "w", config.Photos{Resize: 36, Crop: 32, TestCrops: 1}, "v1", "cpu"}
	if other := key; other.String() != key.String() || !strings.HasPrefix(key.String(), "resnet18-") {
		t.Errorf("files %s and %s of one key", key, other)
	}
	names := map[string]string{key.String(): "the key itself"}
	for what, change := range map[string]func(*featureKey){
		"backbone":     func(k *featureKey) { k.Backbone = "resnet34" },
		"weights":      func(k *featureKey) { k.Weights = "other" },
		"resize":       func(k *featureKey) { k.Photos.Resize = 40 },
		"crop":         func(k *featureKey) { k.Photos.Crop = 36 },
		"aspect":       func(k *featureKey) { k.Photos.KeepAspect = true },
		"code version": func(k *featureKey) { k.Version = "v2" },
		"backend":      func(k *featureKey) { k.Backend = "cuda" },
	} {
		changed := key
		change(&changed)
		if other, ok := names[changed.String()]; ok {
			t.Errorf("another %s has the file of %s", what, other)
		}
		names[changed.String()] = "another " + what
	}
}

// TestFeaturesOfAPhotograph: a photograph's vector does not depend on how many others
// are missing, nor on its place among them.
func TestFeaturesOfAPhotograph(t *testing.T) {
	backend := toydata.Backend(t)
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
	env := environment.Environment{Images: environment.Images{Root: toydata.Photographs(t, 12)}}
	initial, err := ReadInitial(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	found, err := input.Find(t.Context(), c, env.Images, env.Reporter)
	if err != nil {
		t.Fatal(err)
	}
	all := found.Source
	last := len(all.Paths) - 1
	if last <= featureBatch {
		t.Fatalf("%d photographs, want more than a batch of %d", last+1, featureBatch)
	}
	order := make([]int, last+1)
	for i := range order {
		order[i] = i
	}
	reversed := slices.Clone(order)
	slices.Reverse(reversed)
	whole := make(map[int][]float32)
	for _, missing := range [][]int{order, {0}, {7}, {last}, {20, 21, 22, 23, 24}, reversed} {
		toydata.OwnCache(t)
		some := *all.Photos
		some.Paths, some.Labels = nil, nil
		p := &input.Photographs{Photos: &some}
		for _, i := range missing {
			some.Paths, some.Labels = append(some.Paths, all.Paths[i]), append(some.Labels, all.Labels[i])
			p.Sums = append(p.Sums, all.Sums[i])
		}
		e, err := newExtractor(t.Context(), c, env, backend, initial)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.extract(t.Context(), p, "source")
		for k, i := range missing {
			got := make([]float32, e.resnet.Features())
			err = errors.Join(err, e.cache.Get(p.Sums[k], got))
			if whole[i] == nil {
				whole[i] = got
			}
			if !slices.Equal(got, whole[i]) {
				t.Errorf("photograph %d, computed as number %d of %d, has another vector than in order of all %d", i, k, len(missing), last+1)
			}
		}
		e.close()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestBackboneOnDemand: without missing vectors, the backbone is not built.
func TestBackboneOnDemand(t *testing.T) {
	backend := toydata.Backend(t)
	toydata.OwnCache(t)
	c := toydata.PhotosConfig(t, config.FeaturesFrozen, toydata.Weights(t))
	env := environment.Environment{Images: environment.Images{Root: toydata.Photographs(t, 2)}}
	initial, err := ReadInitial(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	found, err := input.Find(t.Context(), c, env.Images, env.Reporter)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{true, false} {
		e, err := newExtractor(t.Context(), c, env, backend, initial)
		if err != nil {
			t.Fatal(err)
		}
		set, err := e.extract(t.Context(), found.Source, c.Source)
		if err != nil || set.Examples.Len() != len(found.Source.Paths) {
			t.Errorf("features of %v, want %d photographs: %v", set, len(found.Source.Paths), err)
		}
		if built := e.exec != nil; built != want {
			t.Errorf("backbone built: %v, want %v", built, want)
		}
		e.close()
	}
}
