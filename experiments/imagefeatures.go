package experiments

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// DefaultFeatureImages is how many images of a domain [FeatureOptions] take: as
// many as a figure of points can show.
const DefaultFeatureImages = 500

// FeatureOptions say of which images features are computed.
type FeatureOptions struct {
	// Images is the most of each domain; 0 for DefaultFeatureImages.
	Images int
	// Seed draws which, where a domain has more.
	Seed uint64
}

// Features are what the network's classifier sees of test images.
type Features struct {
	// Domains are the names of the source and the target.
	Domains [2]string
	Classes []string
	// Values are [images][width], Labels and Indices [images]; an index is a place
	// among the domain's test images, which are in that order.
	Values  [2][][]float64
	Labels  [2][]int32
	Indices [2][]int
}

// Features computes the features of test images of source and target, the input
// of the network's last layer. The source is normalized with the statistics of
// the source and the target as in training; of a photograph the centre is seen.
// What was computed is kept.
func (s *Saved) Features(ctx context.Context, o FeatureOptions) (Features, error) {
	if o.Images < 0 {
		return Features{}, fmt.Errorf("features of %d images: want a positive number, or 0 for %d", o.Images, DefaultFeatureImages)
	}
	if o.Images == 0 {
		o.Images = DefaultFeatureImages
	}
	if f, ok := s.features[o]; ok {
		return f, nil
	}
	c := s.Config
	if c.Network.Backbone != "" {
		c.Photos.TestCrops = 1
	}
	source := c
	source.Source, source.Target = c.Target, c.Source
	source.NormOptions.Evaluation = rnlayer.EvalSource
	f := Features{Domains: [2]string{c.Source, c.Target}}
	for domain, c := range []Config{source, c} {
		d, err := s.dataOf(ctx, c)
		if err != nil {
			return Features{}, err
		}
		f.Classes = d.test.classes
		chosen := draw(d.test, o, uint64(domain))
		if f.Values[domain], f.Indices[domain], err = s.featuresOf(ctx, c, chosen); err != nil {
			return Features{}, err
		}
		for k, i := range f.Indices[domain] {
			f.Labels[domain] = append(f.Labels[domain], chosen.labels[i])
			f.Indices[domain][k] = chosen.examples.(subset).indices[i]
		}
	}
	if s.features == nil {
		s.features = make(map[FeatureOptions]Features)
	}
	s.features[o] = f
	return f, nil
}

// dataOf reads the data of a configuration, those of the run once.
func (s *Saved) dataOf(ctx context.Context, c Config) (data, error) {
	if c.Source == s.Config.Source && c.Target == s.Config.Target && c.Photos == s.Config.Photos {
		return s.own(ctx)
	}
	return s.load(ctx, c)
}

// featuresOf computes the features of the examples that can be read, and their
// indices.
func (s *Saved) featuresOf(ctx context.Context, c Config, examples set) (values [][]float64, indices []int, err error) {
	t, err := newTrainer(s.backend, s.store, c, len(examples.classes), s.variant)
	if err != nil {
		return nil, nil, err
	}
	defer t.finalize()
	exec, err := model.NewExec(s.backend, s.store, func(scope *model.Scope, x *Node) *Node {
		features, _ := t.network(scope.In(networkScope), x, t.classes)
		return ConvertDType(features, x.DType())
	})
	if err != nil {
		return nil, nil, err
	}
	defer exec.Finalize()
	err = forward(ctx, examples, s.env.loading(), func(x *tensors.Tensor) (*tensors.Tensor, error) { return exec.Call1(x) }, func(index int, features []float32) error {
		row := make([]float64, len(features))
		for k, v := range features {
			row[k] = float64(v)
		}
		values, indices = append(values, row), append(indices, index)
		return nil
	})
	if err == nil && len(values) == 0 {
		err = errors.New("no image of " + examples.name + " can be read")
	}
	return values, indices, err
}

// subset are some of the examples.
type subset struct {
	loader.Examples
	indices []int
}

// Len implements loader.Examples.
func (s subset) Len() int { return len(s.indices) }

// Read implements loader.Examples.
func (s subset) Read(i int, rng *rand.Rand, dst []float32) error {
	return s.Examples.Read(s.indices[i], rng, dst)
}

// draw takes as many examples as the options say, in their order.
func draw(s set, o FeatureOptions, stream uint64) set {
	indices := rand.New(rand.NewPCG(o.Seed, stream)).Perm(s.examples.Len())
	indices = indices[:min(o.Images, len(indices))]
	slices.Sort(indices)
	labels := make([]int32, len(indices))
	for k, i := range indices {
		labels[k] = s.labels[i]
	}
	s.examples, s.labels = subset{s.examples, indices}, labels
	return s
}
