package training

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Network adds the network to the graph of x: images, or the features of a frozen
// backbone.
type Network func(scope *model.Scope, x *Node, classes int) (features, logits *Node)

// Network is the network of the configuration with a norm.
func (p Prepared) Network(norm NormMaker) (Network, error) {
	c := p.Config
	if c.Network.Backbone == "" {
		layer := norm(c.NormOptions)
		return func(scope *model.Scope, x *Node, classes int) (features, logits *Node) {
			return backbone.Digits(scope, c.Activations.Of(x), classes, layer)
		}, nil
	}
	resnet, err := c.ResNet(p.Variant)
	if err != nil {
		return nil, err
	}
	head := c.Head()
	return func(scope *model.Scope, x *Node, classes int) (features, logits *Node) {
		if c.Network.Features != config.FeaturesFrozen { // else x is the backbone's output
			x = resnet.Build(scope.In(config.BackboneScope), x, norm(c.BackboneNorm(p.Variant)))
		}
		return head.Build(scope.In(config.HeadScope), c.Activations.Of(x), classes, norm(c.HeadNorm()))
	}, nil
}
