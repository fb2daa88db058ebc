package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// BaseNorm is the norm of the places that NormAt does not name.
const BaseNorm = "bn"

// Places lists where the network can have a norm, from the input on: conv1, conv2
// and hidden for digits; for photographs stem and layer1 to layer4 as far as they
// learn, and bottleneck if it has a norm. Scopes are absolute. The list is empty
// for a network that Validate refuses.
func (c Config) Places() []backbone.Place {
	recipe, err := LookupRecipe(c.Recipe)
	if err != nil {
		return nil
	}
	var all []backbone.Place
	add := func(scope string, places []backbone.Place) {
		for _, p := range places {
			p.Scope = model.JoinPath("/", NetworkScope, scope, p.Scope)
			all = append(all, p)
		}
	}
	if !recipe.OfPhotos() {
		add("", backbone.DigitsPlaces())
		return all
	}
	if c.Network.Validate() != nil {
		return nil
	}
	if c.Network.Features != FeaturesFrozen {
		resnet, err := c.ResNet(backbone.TorchVision) // every variant has the same places
		if err != nil {
			return nil
		}
		add(BackboneScope, resnet.Places())
	}
	add(HeadScope, c.Head().Places())
	return all
}

// checkPlaces returns an error unless NormAt names some places, each once and in
// order, so that every network has one spelling.
func (c Config) checkPlaces() error {
	if len(c.NormAt) == 0 {
		return nil
	}
	var names []string
	for _, p := range c.Places() {
		names = append(names, p.Name)
	}
	known := strings.Join(names, ", ")
	if known == "" {
		return fmt.Errorf("norm %s at %s: the network has no place for a norm", c.Norm, strings.Join(c.NormAt, ", "))
	}
	last := -1
	for _, name := range c.NormAt {
		at := slices.Index(names, name)
		switch {
		case at < 0:
			return fmt.Errorf("norm %s at unknown place %q: recipe %s with this network has %s", c.Norm, name, c.Recipe, known)
		case at <= last:
			return fmt.Errorf("norm %s at %s: want each place once, in the order %s", c.Norm, strings.Join(c.NormAt, ", "), known)
		}
		last = at
	}
	if len(c.NormAt) == len(names) {
		return fmt.Errorf("norm %s at %s: these are all places; leave the list empty for all", c.Norm, strings.Join(c.NormAt, ", "))
	}
	if c.Norm == BaseNorm {
		return fmt.Errorf("norm %s at %s: the other places have %s too; choose another norm or all places", c.Norm, strings.Join(c.NormAt, ", "), BaseNorm)
	}
	return nil
}

// checkGroups returns an error if the groups of channels that the norm compares do not
// divide a layer.
func (c Config) checkGroups() error {
	spec, err := rnlayer.Lookup(c.Norm)
	if err != nil || !slices.Contains(spec.Options, "group_size") || !c.NormOptions.Compensate || c.NormOptions.GroupSize < 0 {
		return nil
	}
	for _, p := range c.Places() {
		if len(c.NormAt) > 0 && !slices.Contains(c.NormAt, p.Name) {
			continue
		}
		for _, channels := range p.Channels {
			size := c.NormOptions.GroupSize
			if size == 0 {
				size = rnlayer.PaperGroupSize(channels)
			}
			if channels%size != 0 {
				return fmt.Errorf("group size is %d: the %d channels of %s are not a multiple of it", size, channels, p.Name)
			}
		}
	}
	return nil
}

// NormIn is the name of the norm in a scope, an absolute path.
func (c Config) NormIn(scope string) string {
	if len(c.NormAt) == 0 {
		return c.Norm
	}
	for _, p := range c.Places() {
		if slices.Contains(c.NormAt, p.Name) && strings.HasPrefix(scope+model.ScopeSeparator, p.Scope+model.ScopeSeparator) {
			return c.Norm
		}
	}
	return BaseNorm
}
