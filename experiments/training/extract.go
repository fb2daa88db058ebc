package training

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/featurecache"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// extract computes the features of photographs with a frozen backbone, from the
// centre crop in training as in tests, or takes them from the cache on disk.
func extract(ctx context.Context, c config.Config, found input.Found, env environment.Environment, backend compute.Backend, initial Initial) (input.Data, error) {
	e, err := newExtractor(ctx, c, env, backend, initial)
	if err != nil {
		return input.Data{}, err
	}
	defer e.close()
	if n := e.cache.Damaged(); n > 0 {
		env.ReportWarning(fmt.Errorf("feature cache: %d damaged records are ignored; their features are computed again", n))
	}
	source, err := e.extract(ctx, found.Source, c.Source)
	if err != nil {
		return input.Data{}, err
	}
	target, err := e.extract(ctx, found.Target, c.Target)
	if err != nil {
		return input.Data{}, err
	}
	return input.Data{Source: source, Target: target.WithoutLabels(), Test: target}, nil
}

// featureBatch is the number of photographs that pass the backbone together. It
// never depends on how many vectors are missing: XLA computes batches of different
// sizes with different kernels, whose sums differ by 1e-5. 32 crops of 224×224
// pixels are also the largest batch of input.EvalBatch; larger crops make smaller
// batches.
const featureBatch = 32

// extractor computes features with a frozen backbone.
type extractor struct {
	config  config.Config
	env     environment.Environment
	backend compute.Backend
	initial Initial
	resnet  backbone.ResNet
	cache   *featurecache.Cache
	// store and exec are the backbone, built for the first vector that is missing.
	store *model.Store
	exec  *model.Exec
}

// featureKey is everything that decides a photograph's features.
type featureKey struct {
	Backbone, Weights string
	Photos            config.Photos
	// Version is the version of the code, Backend the kind of backend: CUDA computes
	// with TF32.
	Version, Backend string
}

// String names the cache's file: the backbone and a hash of the key.
func (k featureKey) String() string {
	data, err := json.Marshal(k)
	if err != nil {
		panic(err) // every field has a JSON form
	}
	sum := sha256.Sum256(data)
	return fmt.Sprintf("%s-%x", k.Backbone, sum[:8])
}

// unusedFeatures is how long features are kept that no run has opened.
const unusedFeatures = 30 * 24 * time.Hour

// newExtractor opens the cache for the configuration's backbone, weights and
// preprocessing.
func newExtractor(ctx context.Context, c config.Config, env environment.Environment, backend compute.Backend, initial Initial) (*extractor, error) {
	resnet, err := c.ResNet(initial.Variant)
	if err != nil {
		return nil, err
	}
	resnet.Freeze, resnet.Activations = backbone.Stages, backbone.Float32 // one cache serves runs of all activations
	dir, err := fetch.CacheDir()
	if err != nil {
		return nil, err
	}
	dir = filepath.Join(dir, "features")
	if err := featurecache.Prune(dir, unusedFeatures); err != nil {
		env.ReportWarning(err)
	}
	key := featureKey{c.Network.Backbone, initial.Digest, c.Photos, env.CodeVersion(), record.BackendKind(platform.Describe(backend))}
	opener := featurecache.Opener{Log: env.LogWriter(), Warn: env.ReportWarning}
	cache, err := opener.Open(ctx, dir, key.String(), resnet.Features())
	if err != nil {
		return nil, err
	}
	return &extractor{config: c, env: env, backend: backend, initial: initial, resnet: resnet, cache: cache}, nil
}

// build makes the backbone, unless it is there already.
func (e *extractor) build() (err error) {
	if e.exec != nil {
		return nil
	}
	if e.store == nil {
		store := model.NewStore()
		if err := e.initial.Apply(e.backend, store, e.resnet, nil); err != nil {
			store.Finalize()
			return err
		}
		e.store = store
	}
	e.exec, err = model.NewExec(e.backend, e.store, func(scope *model.Scope, x *Node) *Node {
		return e.resnet.Build(scope.In(config.NetworkScope).In(config.BackboneScope), x, nil)
	})
	return err
}

// close frees what the extractor holds.
func (e *extractor) close() {
	if e.exec != nil {
		e.exec.Finalize()
	}
	if e.store != nil {
		e.store.Finalize()
	}
	if err := e.cache.Close(); err != nil {
		e.env.ReportWarning(err)
	}
}

// extract returns the features [photographs, width] of a domain. It leaves out
// photographs that cannot be decoded if the environment says so.
func (e *extractor) extract(ctx context.Context, p *input.Photographs, name string) (input.Set, error) {
	var missing []int // the first photograph of each content without features
	seen := make(map[featurecache.Sum]bool)
	for i, sum := range p.Sums {
		if !e.cache.Has(sum) && !seen[sum] {
			seen[sum] = true
			missing = append(missing, i)
		}
	}
	if err := e.compute(ctx, p, name, missing); err != nil {
		return input.Set{}, err
	}
	set := input.Set{Name: name, Classes: p.Classes}
	var values []float32
	row := make([]float32, e.resnet.Features())
	for i, sum := range p.Sums {
		if !e.cache.Has(sum) { // broken and left out
			continue
		}
		if err := e.cache.Get(sum, row); err != nil {
			return input.Set{}, err
		}
		values = append(values, row...)
		set.Labels = append(set.Labels, p.Labels[i])
	}
	if len(set.Labels) == 0 {
		return input.Set{}, errors.New("no photograph of " + name + " can be read")
	}
	set.Examples = input.NewMemory(values, len(row))
	return set, nil
}

// compute adds the features of some photographs to the cache.
func (e *extractor) compute(ctx context.Context, p *input.Photographs, name string, indices []int) error {
	if len(indices) == 0 {
		return nil
	}
	if err := e.build(); err != nil {
		return err
	}
	paths := make([]string, len(indices))
	for k, i := range indices {
		paths[k] = p.Paths[i]
	}
	examples, err := photo.NewSet(paths, input.Transform(e.config.Photos, photo.Centre), photo.SetOptions{})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	done := 0
	what := fmt.Sprintf("%s features of %s", e.config.Network.Backbone, name)
	rows := min(featureBatch, input.EvalBatch(examples.Shape()))
	err = input.Forward(ctx, input.Set{Name: name, Examples: examples}, rows, input.Loading(e.env.Images, e.env.Reporter),
		func(x *tensors.Tensor) (*tensors.Tensor, error) { return e.exec.Call1(x) },
		func(k int, values []float32) error {
			done++
			e.env.ReportPreparing(what, done, len(indices))
			return e.cache.Put(p.Sums[indices[k]], values)
		})
	if errors.Is(err, loader.ErrNoneReadable) { // the cache may have the features of the others
		return nil
	}
	return err
}
