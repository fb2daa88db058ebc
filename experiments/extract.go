package experiments

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/sync/errgroup"

	"github.com/reciprocalnorm/rn/experiments/data/featurecache"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/data/photobench"
	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// featureData are the photographs of a configuration as a frozen backbone sees
// them: features of the centre crop, in training as in tests.
func featureData(ctx context.Context, c Config, recipe Recipe, env Environment, backend compute.Backend, initial pretrained) (data, error) {
	source, target, err := loadPhotos(c, recipe, env)
	if err != nil {
		return data{}, err
	}
	e, err := newExtractor(ctx, c, env, backend, initial)
	if err != nil {
		return data{}, err
	}
	defer e.close()
	make := func(p *photobench.Photos, name string) (set, string, error) {
		values, labels, digest, err := e.extract(ctx, p, name)
		return set{name: name, examples: newMemory(values, e.width), labels: labels, classes: p.Classes}, digest, err
	}
	s, sourceDigest, err := make(source, c.Source)
	if err != nil {
		return data{}, err
	}
	t, targetDigest, err := make(target, c.Target)
	if err != nil {
		return data{}, err
	}
	unlabelled := t
	unlabelled.labels = nil
	return data{source: s, target: unlabelled, test: t, digests: map[string]string{"source": sourceDigest, "target": targetDigest}}, nil
}

// extractor computes what a frozen backbone makes of photographs, or takes it
// from the cache on disk.
type extractor struct {
	config Config
	env    Environment
	cache  *featurecache.Cache
	exec   *model.Exec
	width  int
}

// newExtractor opens the cache of the configuration's backbone, weights and
// preprocessing.
func newExtractor(ctx context.Context, c Config, env Environment, backend compute.Backend, initial pretrained) (*extractor, error) {
	resnet, err := c.resnet(initial.variant)
	if err != nil {
		return nil, err
	}
	resnet.Freeze, resnet.Activations = backbone.Stages, backbone.Float32 // computed once, for runs of any activations
	dir, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	key, err := json.Marshal(struct {
		Backbone, Weights string
		Photos            Photos
	}{c.Network.Backbone, initial.digest, c.Photos})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(key)
	cache, err := featurecache.Open(ctx, filepath.Join(dir, "features"), fmt.Sprintf("%s-%x", c.Network.Backbone, sum[:8]), resnet.Features())
	if err != nil {
		return nil, err
	}
	store := model.NewStore()
	if err := initial.apply(backend, store, resnet, nil); err != nil {
		return nil, errors.Join(err, cache.Close())
	}
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		return resnet.Build(scope.In(networkScope).In(backboneScope), x, nil)
	})
	if err != nil {
		return nil, errors.Join(err, cache.Close())
	}
	return &extractor{config: c, env: env, cache: cache, exec: exec, width: resnet.Features()}, nil
}

// close frees what the extractor holds.
func (e *extractor) close() {
	e.exec.Finalize()
	if err := e.cache.Close(); err != nil {
		e.env.warn(err)
	}
}

// extract returns the features [photographs, width] and the labels of
// photographs, and a digest of the files and labels. Photographs that cannot be
// read are left out if the environment says so.
func (e *extractor) extract(ctx context.Context, p *photobench.Photos, name string) (values []float32, labels []int32, digest string, err error) {
	sums, err := hashFiles(ctx, p.Paths)
	if err != nil {
		return nil, nil, "", err
	}
	var missing []int // the first photograph of each content that has no features yet
	seen := make(map[featurecache.Sum]bool)
	for i, sum := range sums {
		if !e.cache.Has(sum) && !seen[sum] {
			seen[sum] = true
			missing = append(missing, i)
		}
	}
	if err := e.compute(ctx, p, name, sums, missing); err != nil {
		return nil, nil, "", err
	}
	hash := sha256.New()
	row := make([]float32, e.width)
	for i, sum := range sums {
		if !e.cache.Has(sum) { // broken, and skipped
			continue
		}
		if err := e.cache.Get(sum, row); err != nil {
			return nil, nil, "", err
		}
		values = append(values, row...)
		labels = append(labels, p.Labels[i])
		fmt.Fprintf(hash, "%x %d\n", sum, p.Labels[i])
	}
	if len(labels) == 0 {
		return nil, nil, "", fmt.Errorf("no photograph of %s can be read", name)
	}
	return values, labels, fmt.Sprintf("%x", hash.Sum(nil)), nil
}

// compute adds the features of some photographs to the cache.
func (e *extractor) compute(ctx context.Context, p *photobench.Photos, name string, sums []featurecache.Sum, indices []int) error {
	if len(indices) == 0 {
		return nil
	}
	paths := make([]string, len(indices))
	for k, i := range indices {
		paths[k] = p.Paths[i]
	}
	examples, err := photo.NewSet(paths, e.config.Photos.transform(photo.Centre), photo.SetOptions{})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	done := 0
	what := fmt.Sprintf("%s features of %s", e.config.Network.Backbone, name)
	return forward(ctx, set{name: name, examples: examples}, e.env.loading(),
		func(x *tensors.Tensor) (*tensors.Tensor, error) { return e.exec.Call1(x) },
		func(k int, values []float32) error {
			done++
			if e.env.Preparing != nil {
				e.env.Preparing(what, done, len(indices))
			}
			return e.cache.Put(sums[indices[k]], values)
		})
}

// hashFiles returns the sha256 of each file.
func hashFiles(ctx context.Context, paths []string) ([]featurecache.Sum, error) {
	sums := make([]featurecache.Sum, len(paths))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			hash := sha256.New()
			if _, err := io.Copy(hash, f); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			copy(sums[i][:], hash.Sum(nil))
			return nil
		})
	}
	return sums, group.Wait()
}
