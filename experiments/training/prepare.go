package training

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Prepared is a configuration with everything that follows from it for a training
// step, resolved once.
type Prepared struct {
	Config    config.Config
	Norm      rnlayer.Spec
	Objective objective.Spec
	// Layout is the layout of a training batch.
	Layout rnlayer.Domains
	// Joint reports whether source and target images pass the network together.
	Joint bool
	// Population reports whether the norm is evaluated with statistics of a whole
	// epoch.
	Population bool
	// Optimizer has the rules of the fresh parts and of the norm's variables.
	Optimizer sgd.Config
	// Variant is the variant of the backbone, which its weights decide.
	Variant backbone.Variant
	// Devices is the number of devices that share a training step.
	Devices int
}

// Prepare resolves a configuration for a variant of the backbone, the zero value
// for digits. It returns an error for a configuration that Validate refuses and for
// batches that do not split among the devices.
func Prepare(c config.Config, variant backbone.Variant, compute environment.Compute) (Prepared, error) {
	if err := c.Validate(); err != nil {
		return Prepared{}, fmt.Errorf("configuration: %w", err)
	}
	if err := compute.CheckDevices(c); err != nil {
		return Prepared{}, err
	}
	norm, err := rnlayer.Lookup(c.Norm)
	if err != nil {
		return Prepared{}, err
	}
	goal, err := objective.Lookup(c.Objective)
	if err != nil {
		return Prepared{}, err
	}
	devices := compute.DeviceCount()
	return Prepared{
		Config: c, Norm: norm, Objective: goal, Variant: variant, Devices: devices,
		Layout:     rnlayer.Sizes(c.BatchSize, c.BatchSize).Shards(devices),
		Joint:      norm.UsesTarget || goal.UsesTarget,
		Population: norm.Population && c.TrainsNorms(),
		Optimizer:  optimizerOf(c, norm, goal),
	}, nil
}

// optimizerOf adds rules to the configuration's optimizer: the parts that are trained
// from scratch learn ten times as fast (CDAN's code), and the norm's variables that
// take no weight decay get none.
func optimizerOf(c config.Config, norm rnlayer.Spec, goal objective.Spec) sgd.Config {
	const fresh = 10
	o := c.Optimizer
	o.Rules = slices.Clone(o.Rules)
	if c.Network.Backbone != "" {
		o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", config.NetworkScope, config.HeadScope), LearningRate: fresh, WeightDecay: 1})
	}
	if goal.Adversarial {
		o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", config.ObjectiveScope, objective.DiscriminatorScope), LearningRate: fresh, WeightDecay: 1})
	}
	if c.TrainsNorms() {
		for _, name := range norm.NoDecay {
			o.Rules = append(o.Rules, sgd.Rule{Prefix: model.JoinPath("/", config.NetworkScope), Name: name, LearningRate: 1})
		}
	}
	return o
}

// NormMaker makes the norm of a layer from the layer's options.
type NormMaker func(o rnlayer.Options) rnlayer.Norm

// NormMaker makes the configuration's norm, or BN in places that NormAt leaves out.
func (p Prepared) NormMaker() (NormMaker, error) {
	base, err := rnlayer.Lookup(config.BaseNorm)
	if err != nil {
		return nil, err
	}
	return func(o rnlayer.Options) rnlayer.Norm {
		return func(scope *model.Scope, x *Node) *Node {
			spec := p.Norm
			if p.Config.NormIn(scope.Scope()) != p.Norm.Name {
				spec = base
			}
			return spec.Norm(p.Layout, o)(scope, x)
		}
	}, nil
}

// Example is the shape of what the network reads of one image.
func (p Prepared) Example() ([]int, error) {
	recipe, err := config.LookupRecipe(p.Config.Recipe)
	switch {
	case err != nil:
		return nil, err
	case !recipe.OfPhotos():
		return []int{recipe.Height, recipe.Width, 1}, nil
	case p.Config.Network.Features == config.FeaturesFrozen:
		resnet, err := p.Config.ResNet(p.Variant)
		return []int{resnet.Features()}, err
	default:
		return []int{p.Config.Photos.Crop, p.Config.Photos.Crop, 3}, nil
	}
}

// GatesByDecay is the value to which weight decay alone takes a gate of a layer,
// from 1, in a number of steps. A gate that has this value has learned nothing. The
// layer's path is the Layer of record.Gates.
func GatesByDecay(c config.Config, layer string, steps int) (float64, error) {
	norm, err := rnlayer.Lookup(c.Norm)
	if err != nil {
		return 0, err
	}
	goal, err := objective.Lookup(c.Objective)
	if err != nil {
		return 0, err
	}
	gate := optimizerOf(c, norm, goal).DecayAlone(model.JoinPath(layer, rnlayer.VarMeanGate), 1, steps)
	return max(gate, c.NormOptions.GateMin), nil
}
