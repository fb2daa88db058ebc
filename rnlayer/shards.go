package rnlayer

import (
	"slices"

	"github.com/gomlx/compute/support/xslices"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Shards is the layout of a batch that is split over n devices along its first
// axis: n shards one after another, each a batch of layout d with 1/n of the rows
// of every domain. Statistics are still those of all rows of a domain. It panics
// if n < 1 or d is in shards already.
func (d Domains) Shards(n int) Domains {
	if n < 1 {
		Panicf("rnlayer: %s in %d shards: at least 1 is needed", d, n)
	}
	if d.shards > 1 {
		Panicf("rnlayer: %s in %d shards: they are there already", d, n)
	}
	d.shards = n
	return d
}

// Join lays out the rows of the domains, [rows, …] each, as a batch, [Σ rows, …].
// It panics if they are not of the layout.
func (d Domains) Join(domains ...*Node) *Node {
	batch := 0
	sizes := make([]int, len(domains))
	for i, x := range domains {
		sizes[i] = x.Shape().Dim(0)
		batch += sizes[i]
	}
	if rows, err := d.Rows(batch); err != nil || !slices.Equal(rows, sizes) {
		Panicf("rnlayer: %v rows do not join to %s", sizes, d)
	}
	if d.shards <= 1 {
		return Concatenate(domains, 0)
	}
	parts := make([]*Node, len(domains))
	for i, x := range domains {
		parts[i] = splitRows(x, d.shards)
	}
	return mergeRows(Concatenate(parts, 1), 2)
}

// Split takes a batch, [Σ rows, …], apart into the rows of each domain, [rows, …]:
// the inverse of [Domains.Join]. It panics if the batch is not of the layout.
func (d Domains) Split(x *Node) []*Node {
	rows, err := d.Rows(x.Shape().Dim(0))
	if err != nil {
		Panicf("rnlayer: splitting shape %s: %v", x.Shape(), err)
	}
	domains := make([]*Node, len(rows))
	start := 0
	for i, n := range rows {
		if d.shards <= 1 {
			domains[i] = Slice(x, AxisRange(start, start+n))
		} else {
			domains[i] = mergeRows(Slice(splitRows(x, d.shards), AxisRange(), AxisRange(start/d.shards, (start+n)/d.shards)), 2)
		}
		start += n
	}
	return domains
}

// joinShards moves the rows of each domain together where the training batch is
// in shards, and returns what moves those of an output back. With as many rows of
// every domain x becomes [domains, rows, …], a row a domain, whose rows axis the
// devices share: nothing has to be sent for it, and sums over it are what they
// exchange. Else x becomes the batch of the layout without shards, whose rows
// the devices exchange.
func (l *layer) joinShards() (back func(y *Node) *Node) {
	d := l.layout
	if d.shards <= 1 || l.pooled || !l.scope.IsTraining(l.x.Graph()) {
		return func(y *Node) *Node { return y }
	}
	rows, err := d.Rows(l.x.Shape().Dim(0))
	if err != nil {
		Panicf("rnlayer: activations of shape %s in scope %q: %v", l.x.Shape(), l.scope.Scope(), err)
	}
	l.layout.shards = 1
	if slices.ContainsFunc(rows, func(n int) bool { return n != rows[0] }) {
		whole := l.layout
		l.x = whole.Join(d.Split(l.x)...)
		return func(y *Node) *Node { return d.Join(whole.Split(y)...) }
	}
	swap := func(x *Node) *Node { // the first two axes
		axes := xslices.Iota(0, x.Rank())
		axes[0], axes[1] = 1, 0
		return TransposeAllAxes(x, axes...)
	}
	domains := swap(splitRows(l.x, d.shards, len(rows))) // [domains, shards, rows, …]
	dims := domains.Shape().Dimensions
	l.x, l.axis, l.layout = Reshape(domains, slices.Concat([]int{dims[0], dims[1] * dims[2]}, dims[3:])...), l.axis+1, EqualSizes(len(rows))
	return func(y *Node) *Node { return mergeRows(swap(Reshape(y, dims...)), 3) }
}

// splitRows reshapes [∏ into · rows, …] to [into…, rows, …].
func splitRows(x *Node, into ...int) *Node {
	dims := x.Shape().Dimensions
	rows := dims[0]
	for _, n := range into {
		rows /= n
	}
	return Reshape(x, slices.Concat(into, []int{rows}, dims[1:])...)
}

// mergeRows reshapes so many first axes to one.
func mergeRows(x *Node, axes int) *Node {
	return Reshape(x, slices.Concat([]int{-1}, x.Shape().Dimensions[axes:])...)
}
