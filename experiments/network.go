package experiments

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/network/weights"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Values of Network.Features.
const (
	FeaturesFinetuned = "finetuned" // the backbone learns with the head
	FeaturesFrozen    = "frozen"    // the backbone's features are computed once, with its pretrained statistics
)

// Values of Network.Weights beside names of the weights registry and paths.
const (
	WeightsAuto = "auto" // the registry's weights for the backbone; a run names which
	WeightsNone = "none" // random initial weights
)

// Network is the network of a recipe of photographs: a ResNet, whose norms are
// the run's, and a head.
type Network struct {
	// Backbone is resnet18, resnet34, resnet50, resnet101 or resnet152. Default
	// resnet50 (the paper).
	Backbone string `json:"backbone"`
	// Weights are its initial weights: a name of the weights registry, the path of
	// a file, "auto" or "none".
	Weights string `json:"weights"`
	// Features is "finetuned" or "frozen".
	Features string `json:"features"`
	// Freeze is the number of stages, from the input, that keep their pretrained
	// weights and statistics: 1 is the stem, 5 all. Default 0.
	Freeze int `json:"freeze"`
	// Bottleneck is the width of the layer between backbone and classifier: Linear
	// → norm → ReLU. Default 256 (CDAN's code).
	Bottleneck int `json:"bottleneck"`
	// PlainBottleneck leaves out its norm and ReLU, as the authors do on VisDA with
	// ResNet-50.
	PlainBottleneck bool `json:"plain_bottleneck"`
	// UniformScale draws γ of the bottleneck's norm from U(0, 1), as the authors'
	// code does, instead of starting at 1.
	UniformScale bool `json:"uniform_scale"`
}

// validate reports everything that is wrong with the network.
func (n Network) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	if _, err := backbone.LookupResNet(n.Backbone); err != nil {
		errs = append(errs, err)
	}
	check(n.Weights != "", `no initial weights are chosen: want a name of rn weights list, a file, %q or %q`, WeightsAuto, WeightsNone)
	check(n.Features == FeaturesFinetuned || n.Features == FeaturesFrozen, "features are %q: want %q or %q", n.Features, FeaturesFinetuned, FeaturesFrozen)
	check(n.Features != FeaturesFrozen || n.Weights != WeightsNone, "frozen features of random weights: choose pretrained ones")
	check(n.Freeze >= 0 && n.Freeze <= backbone.Stages, "%d frozen stages: want 0 to %d", n.Freeze, backbone.Stages)
	check(n.Freeze == 0 || n.Weights != WeightsNone, "%d frozen stages of random weights: choose pretrained ones", n.Freeze)
	check(n.Freeze == 0 || n.Features != FeaturesFrozen, "%d frozen stages and frozen features: frozen features freeze all", n.Freeze)
	check(n.Bottleneck > 0, "the bottleneck's width is %d: it must be positive", n.Bottleneck)
	return errors.Join(errs...)
}

// Scopes of the parts of a network of photographs.
const (
	backboneScope = "backbone"
	headScope     = "head"
)

// resnet is the backbone of the configuration in the variant of its weights.
func (c Config) resnet(variant backbone.Variant) (backbone.ResNet, error) {
	resnet, err := backbone.LookupResNet(c.Network.Backbone)
	resnet.Variant, resnet.Freeze, resnet.Activations = variant, c.Network.Freeze, c.Activations
	return resnet, err
}

// head is what follows the backbone.
func (c Config) head() backbone.Head {
	return backbone.Head{Bottleneck: c.Network.Bottleneck, Norm: !c.Network.PlainBottleneck}
}

// layout is that of a training batch.
func (c Config) layout() rnlayer.Domains { return rnlayer.Sizes(c.BatchSize, c.BatchSize) }

// normMaker makes a norm with options.
type normMaker func(o rnlayer.Options) rnlayer.Norm

// norm makes the configuration's norm for training batches of a layout, with BN
// where it is not placed.
func (c Config) norm(layout rnlayer.Domains) (normMaker, error) {
	specs := make(map[string]rnlayer.Spec)
	for _, name := range []string{c.Norm, baseNorm} {
		spec, err := rnlayer.Lookup(name)
		if err != nil {
			return nil, err
		}
		specs[name] = spec
	}
	return func(o rnlayer.Options) rnlayer.Norm {
		return func(scope *model.Scope, x *Node) *Node {
			return specs[c.normAt(scope.Scope())].Norm(layout, o)(scope, x)
		}
	}, nil
}

// trainsNorms reports whether the network has a norm that is not frozen.
func (c Config) trainsNorms() bool {
	n := c.Network
	frozen := n.Features == FeaturesFrozen || n.Freeze == backbone.Stages
	return n.Backbone == "" || !frozen || !n.PlainBottleneck
}

// inBackbone are the options of the backbone's norms.
func (c Config) inBackbone(variant backbone.Variant) rnlayer.Options {
	o := c.NormOptions
	o.Epsilon = variant.Epsilon // what the pretrained weights were trained with
	o.UniformScale = false      // γ is pretrained
	return o
}

// inHead are those of the head's norm.
func (c Config) inHead() rnlayer.Options {
	o := c.NormOptions
	o.UniformScale = c.Network.UniformScale
	return o
}

// networkOf is the network of the configuration with a norm.
func (c Config) networkOf(norm normMaker, variant backbone.Variant) (network, error) {
	if c.Network.Backbone == "" {
		layer := norm(c.NormOptions)
		return func(scope *model.Scope, x *Node, classes int) (features, logits *Node) {
			return backbone.Digits(scope, c.Activations.Of(x), classes, layer)
		}, nil
	}
	resnet, err := c.resnet(variant)
	if err != nil {
		return nil, err
	}
	head := c.head()
	return func(scope *model.Scope, x *Node, classes int) (features, logits *Node) {
		if c.Network.Features != FeaturesFrozen { // else x is what the backbone has computed
			x = resnet.Build(scope.In(backboneScope), x, norm(c.inBackbone(variant)))
		}
		return head.Build(scope.In(headScope), c.Activations.Of(x), classes, norm(c.inHead()))
	}, nil
}

// Resolve names the weights of "auto": those of the registry for the backbone,
// fetched if none are there.
func (c Config) Resolve(ctx context.Context, env Environment) (Config, error) {
	if c.Network.Weights != WeightsAuto {
		return c, nil
	}
	spec, err := weights.Resolve(ctx, c.Network.Backbone, env.log())
	if err != nil {
		return c, fmt.Errorf("pretrained weights of %s: %w", c.Network.Backbone, err)
	}
	c.Network.Weights = spec.Name
	return c, nil
}

// pretrained are the initial weights of a backbone, and its variant; without a
// file they are drawn at random.
type pretrained struct {
	file    *weights.File
	digest  string
	variant backbone.Variant
}

// pretrained reads the initial weights of the configuration.
func (c Config) pretrained(ctx context.Context, env Environment) (pretrained, error) {
	if c.Network.Backbone == "" {
		return pretrained{}, nil
	}
	if c.Network.Weights == WeightsNone {
		return pretrained{variant: backbone.TorchVision}, nil
	}
	file, err := weights.Open(ctx, c.Network.Weights, env.log())
	if err != nil {
		return pretrained{}, fmt.Errorf("pretrained weights: %w", err)
	}
	r, err := file.ResNet()
	if err == nil && r.Name() != c.Network.Backbone {
		err = fmt.Errorf("weights: %s: these are weights of %s, the configuration's backbone is %s", file.Path, r.Name(), c.Network.Backbone)
	}
	return pretrained{file, file.SHA256(), r.Variant}, err
}

// apply sets the backbone's variables in a store whose graphs are not built yet.
func (p pretrained) apply(backend compute.Backend, store *model.Store, resnet backbone.ResNet, norm rnlayer.Norm) error {
	scope := model.JoinPath("/", networkScope, backboneScope)
	if err := resnet.CreateVariables(backend, store, scope, norm); err != nil {
		return err
	}
	return weights.Apply(store, scope, resnet, p.file)
}

// into sets the initial weights of a trainer that fine-tunes a backbone.
func (p pretrained) into(t *trainer, backend compute.Backend) error {
	if p.file == nil || t.config.Network.Features == FeaturesFrozen {
		return nil
	}
	resnet, err := t.config.resnet(p.variant)
	if err != nil {
		return err
	}
	norm, err := t.config.norm(t.layout)
	if err != nil {
		return err
	}
	return p.apply(backend, t.store, resnet, norm(t.config.inBackbone(p.variant)))
}
