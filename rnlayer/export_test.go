package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// BuildOnAxis builds any norm of the registry over any axis of channels. Outside of
// tests only RN's [Builder] offers the axis.
func BuildOnAxis(name string, scope *model.Scope, x *Node, axis int, layout Domains, o Options) *Node {
	s, err := Lookup(name)
	if err != nil {
		panic(err)
	}
	return build(s.method, scope, x, axis, layout, o)
}

// Settings returns the options that the builder will use.
func (b *Builder) Settings() Options { return b.opts }
