package rnlayer

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Norm adds a normalization layer over x [batch, …, channels] to the graph and returns
// the normalized x, in its shape and dtype. Networks take one as an argument and do not
// depend on the normalization they are built with.
type Norm = func(scope *model.Scope, x *Node) *Node

// Spec is a normalization of the registry.
type Spec struct {
	// Name is used on the command line and in result files.
	Name string
	// Summary says in one line what the norm computes.
	Summary string
	// Reference cites the source.
	Reference string
	// UsesTarget says that the norm keeps statistics of the target domain, so that
	// target images must pass the network in training whatever the objective.
	UsesTarget bool
	// Population says that the norm is evaluated with population statistics: estimated
	// over all training images of a domain under the weights at hand, and not with the
	// moving averages, which lag behind the weights.
	Population bool
	// Options lists, by their names in JSON, the [Options] that not every norm reads
	// and this one does.
	Options []string
	// NoDecay lists the names of its variables without weight decay.
	NoDecay []string

	method method
}

// Norm returns the layer as a function, for training batches of the given layout. The
// channels are the last axis.
func (s Spec) Norm(layout Domains, opts Options) Norm {
	return func(scope *model.Scope, x *Node) *Node {
		return build(s.method, scope, x, -1, layout, opts)
	}
}

// registry is the only list of norms: a new norm is one file and one entry here.
var registry = []Spec{batchNorm, adaBN, domainSpecific, dsbn, autoDIAL, transNorm, dwt, reciprocalNorm}

// All returns the norms of the registry.
func All() []Spec { return slices.Clone(registry) }

// Lookup returns the norm of the given name. The error for an unknown name lists the
// known ones.
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
