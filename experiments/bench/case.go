package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/training"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// DigitsName is the backbone that is [backbone.Digits].
const DigitsName = "digits"

// Case is what is measured.
type Case struct {
	// Backbone is digits or a ResNet's name.
	Backbone string `json:"backbone"`
	// Norm is a name of the registry.
	Norm string `json:"norm"`
	// PerDomain is the number of images of each of the two domains in a batch.
	PerDomain int `json:"per_domain"`
	// Size is the height and width of the images.
	Size int `json:"size"`
	// Activations are the network's; the zero value is float32.
	Activations backbone.Activations `json:"activations,omitzero"`
	// Photos is a folder of class folders of photographs that the batches are read
	// from, for ResNets; without one they are noise.
	Photos string `json:"photos,omitempty"`
	// Inference measures predictions for a batch instead of training steps.
	Inference bool `json:"inference,omitempty"`
	// Devices share each training step; 0 for one.
	Devices int `json:"devices,omitempty"`
}

// DefaultSize is the size of the images that a backbone was made for: 28 for
// digits, 224 (ImageNet) for ResNets.
func DefaultSize(name string) int {
	if name == DigitsName {
		return 28
	}
	return 224
}

// Validate reports everything that is wrong with the case.
func (c Case) Validate() error {
	var errs []error
	least := 16 // of the digits network
	if c.Backbone != DigitsName {
		least = 32 // of a ResNet
		if _, err := backbone.LookupResNet(c.Backbone); err != nil {
			errs = append(errs, fmt.Errorf("%w, or %s", err, DigitsName))
		}
	}
	if _, err := rnlayer.Lookup(c.Norm); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, c.Activations.Validate())
	if c.Size < least {
		errs = append(errs, fmt.Errorf("images of %d×%d for %s: want %d×%d or more", c.Size, c.Size, c.Backbone, least, least))
	}
	if c.Photos != "" && c.Backbone == DigitsName {
		errs = append(errs, fmt.Errorf("photographs for %s: want a ResNet", DigitsName))
	}
	// The dense layer of the digits network, and a ResNet's last stage at 32×32,
	// have one position an image.
	if c.PerDomain < 2 {
		errs = append(errs, fmt.Errorf("%d images a domain: want at least 2, whose variance there is", c.PerDomain))
	}
	switch n := c.devices(); {
	case c.Devices < 0:
		errs = append(errs, fmt.Errorf("%d devices: want at least 1", c.Devices))
	case c.PerDomain%n != 0:
		errs = append(errs, fmt.Errorf("%d images a domain do not divide among %d devices", c.PerDomain, n))
	case c.Inference && n > 1:
		errs = append(errs, errors.New("predictions are made on one device"))
	}
	return errors.Join(errs...)
}

// devices is the number of devices.
func (c Case) devices() int { return max(c.Devices, 1) }

// String says what the case is, for messages.
func (c Case) String() string {
	what := "training"
	if c.Inference {
		what = "inference"
	}
	if !c.Activations.IsZero() {
		what += " in " + c.Activations.String()
	}
	if c.Photos != "" {
		what += " on photographs"
	}
	if n := c.devices(); n > 1 {
		what += fmt.Sprintf(" on %d devices", n)
	}
	return fmt.Sprintf("%s with %s, %d+%d at %d px, %s", c.Backbone, c.Norm, c.PerDomain, c.PerDomain, c.Size, what)
}

// Images is the number of images in a batch.
func (c Case) Images() int { return 2 * c.PerDomain }

// channels is the number of channels of an image.
func (c Case) channels() int {
	if c.Backbone == DigitsName {
		return 1
	}
	return 3
}

// classes is the number of classes: ImageNet's for ResNets.
func (c Case) classes() int {
	if c.Backbone == DigitsName {
		return 10
	}
	return 1000
}

// prepared resolves the case as a run is resolved: layout of the batch, norm and
// optimizer are a run's with the recipe's defaults.
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

// batch makes a batch of noise in [0, 1] and random labels. It is the same for
// every norm.
func (c Case) batch() (images, labels *tensors.Tensor) {
	rng := rand.New(rand.NewPCG(1, 0))
	values := make([]float32, c.Images()*c.Size*c.Size*c.channels())
	for i := range values {
		values[i] = rng.Float32()
	}
	classes := make([]int32, c.Images())
	for i := range classes {
		classes[i] = rng.Int32N(int32(c.classes()))
	}
	return tensors.FromFlatDataAndDimensions(values, c.Images(), c.Size, c.Size, c.channels()),
		tensors.FromFlatDataAndDimensions(classes, c.Images())
}
