package config

import (
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/problems"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Values of Network.Features.
const (
	FeaturesFinetuned = "finetuned" // the backbone learns with the head
	FeaturesFrozen    = "frozen"    // the backbone's features are computed once, with its pretrained statistics
)

// Values of Network.Weights beside names of the weights registry and paths.
const (
	WeightsAuto = "auto" // the registry's weights for the backbone; results name them
	WeightsNone = "none" // random initial weights
)

// Scopes of a store's variables.
const (
	NetworkScope   = "model"     // the network
	ObjectiveScope = "objective" // what only training needs
	BackboneScope  = "backbone"  // below NetworkScope, for photographs
	HeadScope      = "head"      // below NetworkScope, for photographs
)

// Network is the network of a recipe of photographs: a ResNet that uses the run's
// norm, and a head.
type Network struct {
	// Backbone is resnet18, resnet34, resnet50, resnet101 or resnet152. Default
	// resnet50 (the paper).
	Backbone string `json:"backbone"`
	// Weights are the backbone's initial weights: a name of the weights registry,
	// the path of a file, "auto" or "none".
	Weights string `json:"weights"`
	// Features is "finetuned" or "frozen".
	Features string `json:"features"`
	// Freeze is the number of backbone stages, counted from the input, that keep
	// their pretrained weights and statistics (1 = stem, 5 = all). Default 0.
	Freeze int `json:"freeze"`
	// Bottleneck is the width of the layer between backbone and classifier: Linear
	// → norm → ReLU. Default 256 (CDAN's code).
	Bottleneck int `json:"bottleneck"`
	// PlainBottleneck leaves out the bottleneck's norm and ReLU, as the authors do
	// on VisDA with ResNet-50.
	PlainBottleneck bool `json:"plain_bottleneck"`
	// UniformScale draws γ of the bottleneck's norm from U(0, 1), as the authors'
	// code does, instead of starting at 1.
	UniformScale bool `json:"uniform_scale"`
}

// Validate returns every problem of the network's settings, joined.
func (n Network) Validate() error {
	var p problems.Problems
	_, err := backbone.LookupResNet(n.Backbone)
	p.Add(err)
	p.Require(n.Weights != "", `no initial weights are chosen: want a name of rn weights list, a file, %q or %q`, WeightsAuto, WeightsNone)
	p.Require(n.Features == FeaturesFinetuned || n.Features == FeaturesFrozen, "features are %q: want %q or %q", n.Features, FeaturesFinetuned, FeaturesFrozen)
	p.Require(n.Features != FeaturesFrozen || n.Weights != WeightsNone, "frozen features of random weights: choose pretrained weights")
	p.Require(n.Freeze >= 0 && n.Freeze <= backbone.Stages, "%d frozen stages: want 0 to %d", n.Freeze, backbone.Stages)
	p.Require(n.Freeze == 0 || n.Weights != WeightsNone, "%d frozen stages of random weights: choose pretrained weights", n.Freeze)
	p.Require(n.Freeze == 0 || n.Features != FeaturesFrozen, "%d frozen stages and frozen features: frozen features already freeze every stage", n.Freeze)
	p.Require(n.Bottleneck > 0, "the bottleneck's width is %d: it must be positive", n.Bottleneck)
	return p.Err()
}

// ResNet is the backbone in the variant of its weights.
func (c Config) ResNet(variant backbone.Variant) (backbone.ResNet, error) {
	resnet, err := backbone.LookupResNet(c.Network.Backbone)
	resnet.Variant, resnet.Freeze, resnet.Activations = variant, c.Network.Freeze, c.Activations
	return resnet, err
}

// Head is the part of the network behind the backbone.
func (c Config) Head() backbone.Head {
	return backbone.Head{Bottleneck: c.Network.Bottleneck, Norm: !c.Network.PlainBottleneck}
}

// TrainsNorms reports whether the network has a norm that learns.
func (c Config) TrainsNorms() bool {
	n := c.Network
	frozen := n.Features == FeaturesFrozen || n.Freeze == backbone.Stages
	return n.Backbone == "" || !frozen || !n.PlainBottleneck
}

// BackboneNorm are the options of the backbone's norms.
func (c Config) BackboneNorm(variant backbone.Variant) rnlayer.Options {
	o := c.NormOptions
	o.Epsilon = variant.Epsilon // the ε that the pretrained weights were trained with
	o.UniformScale = false      // γ is pretrained
	return o
}

// HeadNorm are the options of the head's norm.
func (c Config) HeadNorm() rnlayer.Options {
	o := c.NormOptions
	o.UniformScale = c.Network.UniformScale
	return o
}
