package rnlayer

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Norm adds a normalization layer over x [batch, …, channels] to the graph and
// returns the normalized x. Networks take one as an argument and know nothing
// of the normalization they are built with.
type Norm = func(scope *model.Scope, x *Node) *Node

// Spec is a normalization of the registry.
type Spec struct {
	// Name is what the command and result files call it.
	Name string
	// Summary says in a line what it computes.
	Summary string
	// Reference says where it is from.
	Reference string
	// UsesTarget says that it keeps statistics of the target domain, so that
	// target images must pass the network in training whatever the objective.
	UsesTarget bool
	// Population says that it is evaluated with the statistics of a domain under
	// the weights at hand, estimated over all its training images, instead of their
	// moving averages, which lag behind the weights.
	Population bool
	// NoDecay are the names of its variables that take no weight decay.
	NoDecay []string

	method method
}

// Norm returns the layer as a function, for training batches of the given
// layout. The channels are the last axis.
func (s Spec) Norm(layout Domains, opts Options) Norm {
	return func(scope *model.Scope, x *Node) *Node {
		return build(s.method, scope, x, -1, layout, opts)
	}
}

// registry is the one list of norms: a new one is a file and a line here.
var registry = []Spec{batchNorm, adaBN, domainSpecific, dsbn, autoDIAL, transNorm, dwt, reciprocalNorm}

// All lists the norms of the registry.
func All() []Spec { return slices.Clone(registry) }

// Lookup finds a norm by name; the error lists the names there are.
func Lookup(name string) (Spec, error) {
	names := make([]string, len(registry))
	for i, s := range registry {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return Spec{}, fmt.Errorf("unknown norm %q: want one of %s", name, strings.Join(names, ", "))
}
