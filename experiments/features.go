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

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/loader"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// DefaultFeatureImages is the default of FeatureOptions.Images: about as many points
// as a figure can show.
const DefaultFeatureImages = 500

// FeatureOptions select the images whose features are computed.
type FeatureOptions struct {
	// Images bounds the number of images of each domain; 0 for DefaultFeatureImages.
	Images int
	// Seed draws the images where a domain has more.
	Seed uint64
}

// Features are the inputs of the network's classifier for test images.
type Features struct {
	// Domains are the names of source and target.
	Domains [2]string
	Classes []string
	// Values are [images][width], Labels and Indices [images] for each domain. Indices
	// are positions among the domain's test images, in ascending order.
	Values  [2][][]float64
	Labels  [2][]int32
	Indices [2][]int
}

// Features computes the input of the network's last layer for test images of source
// and target. Source images are normalized with the source's running statistics,
// target images as in training. Photographs are cropped in the centre. The features
// are computed once for each set of options.
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
	for domain, c := range []config.Config{source, c} {
		d, err := s.dataOf(ctx, c)
		if err != nil {
			return Features{}, err
		}
		f.Classes = d.Test.Classes
		chosen := draw(d.Test, o, uint64(domain))
		if f.Values[domain], f.Indices[domain], err = s.featuresOf(ctx, c, chosen); err != nil {
			return Features{}, err
		}
		for k, i := range f.Indices[domain] {
			f.Labels[domain] = append(f.Labels[domain], chosen.Labels[i])
			f.Indices[domain][k] = chosen.Examples.(subset).indices[i]
		}
	}
	if s.features == nil {
		s.features = make(map[FeatureOptions]Features)
	}
	s.features[o] = f
	return f, nil
}

// dataOf reads the data of a configuration, the run's own data once.
func (s *Saved) dataOf(ctx context.Context, c config.Config) (input.Data, error) {
	if c.Source == s.Config.Source && c.Target == s.Config.Target && c.Photos == s.Config.Photos {
		return s.own(ctx)
	}
	return s.load(ctx, c)
}

// featuresOf returns the features and the indices of the examples that can be read.
func (s *Saved) featuresOf(ctx context.Context, c config.Config, examples input.Set) (values [][]float64, indices []int, err error) {
	t, err := s.trainer(c, len(examples.Classes))
	if err != nil {
		return nil, nil, err
	}
	defer t.Finalize()
	exec, err := model.NewExec(s.backend, s.store, func(scope *model.Scope, x *Node) *Node {
		features, _ := t.Network(scope.In(config.NetworkScope), x, t.Classes)
		return ConvertDType(features, x.DType())
	})
	if err != nil {
		return nil, nil, err
	}
	defer exec.Finalize()
	err = input.Forward(ctx, examples, input.EvalRows(examples), input.Loading(s.env.Images, s.env.Reporter), func(x *tensors.Tensor) (*tensors.Tensor, error) { return exec.Call1(x) }, func(index int, features []float32) error {
		row := make([]float64, len(features))
		for k, v := range features {
			row[k] = float64(v)
		}
		values, indices = append(values, row), append(indices, index)
		return nil
	})
	if err == nil && len(values) == 0 {
		err = errors.New("no image of " + examples.Name + " can be read")
	}
	return values, indices, err
}

// subset is a selection of examples.
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

// draw selects examples as the options say, in ascending order.
func draw(s input.Set, o FeatureOptions, stream uint64) input.Set {
	indices := rand.New(rand.NewPCG(o.Seed, stream)).Perm(s.Examples.Len())
	indices = indices[:min(o.Images, len(indices))]
	slices.Sort(indices)
	labels := make([]int32, len(indices))
	for k, i := range indices {
		labels[k] = s.Labels[i]
	}
	s.Examples, s.Labels = subset{s.Examples, indices}, labels
	return s
}
