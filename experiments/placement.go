package experiments

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// baseNorm is what the places have that NormAt does not name.
const baseNorm = "bn"

// Places are those that the network has for norms, from the input on: conv1,
// conv2 and hidden for digits; for photographs stem and layer1 to layer4 as far
// as they learn, and bottleneck if it has a norm. Scopes are absolute. Without a
// network that there is, none.
func (c Config) Places() []backbone.Place {
	recipe, err := LookupRecipe(c.Recipe)
	if err != nil {
		return nil
	}
	var all []backbone.Place
	add := func(scope string, places []backbone.Place) {
		for _, p := range places {
			p.Scope = model.JoinPath("/", networkScope, scope, p.Scope)
			all = append(all, p)
		}
	}
	if !recipe.OfPhotos() {
		add("", backbone.DigitsPlaces())
		return all
	}
	if c.Network.validate() != nil {
		return nil
	}
	if c.Network.Features != FeaturesFrozen {
		resnet, err := c.resnet(backbone.TorchVision) // places are the same in every variant
		if err != nil {
			return nil
		}
		add(backboneScope, resnet.Places())
	}
	add(headScope, c.head().Places())
	return all
}

// placeNames are the names of the places.
func (c Config) placeNames() []string {
	var names []string
	for _, p := range c.Places() {
		names = append(names, p.Name)
	}
	return names
}

// checkPlaces reports places that there are not, that are named twice or out of
// order, and a choice that chooses nothing: each network has one spelling.
func (c Config) checkPlaces() error {
	if len(c.NormAt) == 0 {
		return nil
	}
	names := c.placeNames()
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
		return fmt.Errorf("norm %s at %s: these are all places; name none for all", c.Norm, strings.Join(c.NormAt, ", "))
	}
	if c.Norm == baseNorm {
		return fmt.Errorf("norm %s at %s: the other places have %s too; choose another norm or all places", c.Norm, strings.Join(c.NormAt, ", "), baseNorm)
	}
	return nil
}

// normAt is the name of the norm in a scope, an absolute path.
func (c Config) normAt(scope string) string {
	if len(c.NormAt) == 0 {
		return c.Norm
	}
	for _, p := range c.Places() {
		if slices.Contains(c.NormAt, p.Name) && strings.HasPrefix(scope+model.ScopeSeparator, p.Scope+model.ScopeSeparator) {
			return c.Norm
		}
	}
	return baseNorm
}
