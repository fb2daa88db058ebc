package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// BuildOnAxis builds a norm of the registry over any axis of channels, which
// outside of tests RN alone offers.
func BuildOnAxis(name string, scope *model.Scope, x *Node, axis int, layout Domains, o Options) *Node {
	s, err := Lookup(name)
	if err != nil {
		panic(err)
	}
	return build(s.method, scope, x, axis, layout, o)
}

// For tests of how statistics are looked up, and of gradients that are written out.
var (
	WithGradient  = withGradient
	Nearest       = nearest
	CorrelationL2 = func(a, b *Node) *Node { return correlation(DistanceL2, a, b) }
)
