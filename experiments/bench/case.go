package bench

import (
	"fmt"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/problems"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// DigitsName names [backbone.Digits] among the backbones.
const DigitsName = "digits"

// Case is a network with a norm, and how to run it.
type Case struct {
	// Backbone is [DigitsName] or the name of a ResNet.
	Backbone string `json:"backbone"`
	// Norm is the name of a norm in the registry of package rnlayer.
	Norm string `json:"norm"`
	// PerDomain is the number of images from each of the two domains in a batch.
	PerDomain int `json:"per_domain"`
	// Size is the height and width of the images.
	Size int `json:"size"`
	// Activations is the dtype of activations between layers; the zero value is
	// float32.
	Activations backbone.Activations `json:"activations,omitzero"`
	// Photos is a folder with a folder of photographs for each class, from which
	// the batches of a ResNet are read. Batches are noise if it is empty.
	Photos string `json:"photos,omitempty"`
	// Inference measures predictions for a batch, not training steps.
	Inference bool `json:"inference,omitempty"`
	// Devices is the number of devices that share each training step; 0 means 1.
	Devices int `json:"devices,omitempty"`
}

// DefaultSize returns the size of the images that a backbone was designed for: 28
// for digits, 224 (ImageNet) for ResNets.
func DefaultSize(name string) int {
	if name == DigitsName {
		return 28
	}
	return 224
}

// leastSize returns the smallest images that a backbone takes.
func leastSize(name string) int {
	if name == DigitsName {
		return 16
	}
	return 32
}

// Validate reports everything that is wrong with the case.
func (c Case) Validate() error {
	var found problems.Problems
	if c.Backbone != DigitsName {
		if _, err := backbone.LookupResNet(c.Backbone); err != nil {
			found.Add(fmt.Errorf("%w, or %s", err, DigitsName))
		}
	}
	_, err := rnlayer.Lookup(c.Norm)
	found.Add(err, c.Activations.Validate())
	least, n := leastSize(c.Backbone), c.devices()
	found.Require(c.Size >= least, "images of %d×%d for %s: want %d×%d or more", c.Size, c.Size, c.Backbone, least, least)
	found.Require(c.Photos == "" || c.Backbone != DigitsName, "photographs for %s: want a ResNet", DigitsName)
	// An image has a single position in the dense layer of the digits network and,
	// at 32×32, in the last stage of a ResNet.
	found.Require(c.PerDomain >= 2, "%d images per domain: want at least 2, as one has no variance", c.PerDomain)
	found.Require(c.Devices >= 0, "%d devices: want at least 1", c.Devices)
	found.Require(c.PerDomain%n == 0, "%d images per domain do not divide among %d devices", c.PerDomain, n)
	found.Require(!c.Inference || n == 1, "%d devices for inference: want 1", n)
	return found.Err()
}

// devices returns the number of devices.
func (c Case) devices() int { return max(c.Devices, 1) }

// String describes the case in messages.
func (c Case) String() string {
	mode := "training"
	if c.Inference {
		mode = "inference"
	}
	if !c.Activations.IsZero() {
		mode += " in " + c.Activations.String()
	}
	if c.Photos != "" {
		mode += " on photographs"
	}
	if n := c.devices(); n > 1 {
		mode += fmt.Sprintf(" on %d devices", n)
	}
	return fmt.Sprintf("%s with %s, %d+%d at %d px, %s", c.Backbone, c.Norm, c.PerDomain, c.PerDomain, c.Size, mode)
}

// images returns the number of images in a batch.
func (c Case) images() int { return 2 * c.PerDomain }

// channels returns the number of channels of an image.
func (c Case) channels() int {
	if c.Backbone == DigitsName {
		return 1
	}
	return 3
}

// classes returns the number of classes, which is ImageNet's for ResNets.
func (c Case) classes() int {
	if c.Backbone == DigitsName {
		return 10
	}
	return 1000
}

// prepared resolves the case as a run is resolved: layout of the batch, norm and
// its options are a run's with the recipe's defaults.
func (c Case) prepared() (training.Prepared, error) {
	recipe := "custom"
	if c.Backbone == DigitsName {
		recipe = "digits"
	}
	run, err := config.Task{Recipe: recipe}.Default()
	if err != nil {
		return training.Prepared{}, err
	}
	run.Norm, run.Activations, run.BatchSize = c.Norm, c.Activations, c.PerDomain
	variant := backbone.Variant{}
	if c.Backbone != DigitsName {
		run.Source, run.Target = "noise", "other noise"
		run.Network.Backbone, run.Network.Weights = c.Backbone, config.WeightsNone
		run.Photos.Resize, run.Photos.Crop = c.Size, c.Size
		resnet, err := backbone.LookupResNet(c.Backbone)
		if err != nil {
			return training.Prepared{}, err
		}
		variant = resnet.Variant
	}
	return training.Prepare(run, variant, environment.Compute{Devices: c.Devices})
}

// network returns the function that adds the network with its norm to the graph:
// images [batch, size, size, channels] to logits [batch, classes]. A ResNet has its
// published classifier, one linear layer.
func (c Case) network(p training.Prepared) (func(scope *model.Scope, x *Node) *Node, error) {
	norm, err := p.NormMaker()
	if err != nil {
		return nil, err
	}
	if c.Backbone == DigitsName {
		layer := norm(p.Config.NormOptions)
		return func(scope *model.Scope, x *Node) *Node {
			_, logits := backbone.Digits(scope, c.Activations.Of(x), c.classes(), layer)
			return logits
		}, nil
	}
	resnet, err := p.Config.ResNet(p.Variant)
	if err != nil {
		return nil, err
	}
	layer := norm(p.Config.BackboneNorm(p.Variant))
	return func(scope *model.Scope, x *Node) *Node {
		features := resnet.Build(scope.In(config.BackboneScope), x, layer)
		return layers.DenseWithBias(scope.In("classifier"), features, c.classes())
	}, nil
}

// batch makes a batch of uniform noise in [0, 1) with random labels, the same for
// every norm.
func (c Case) batch() (images, labels *tensors.Tensor) {
	rng := rand.New(rand.NewPCG(1, 0))
	values := make([]float32, c.images()*c.Size*c.Size*c.channels())
	for i := range values {
		values[i] = rng.Float32()
	}
	classes := make([]int32, c.images())
	for i := range classes {
		classes[i] = rng.Int32N(int32(c.classes()))
	}
	return tensors.FromFlatDataAndDimensions(values, c.images(), c.Size, c.Size, c.channels()),
		tensors.FromFlatDataAndDimensions(classes, c.images())
}
