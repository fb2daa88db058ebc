package rnlayer

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
)

// Shards is the layout of a batch that is split over n devices along its first axis: n
// shards one after another, each a batch of layout d with 1/n of the rows of every
// domain. Statistics are still those of all rows of a domain. Shards panics if n < 1 or
// if d has shards already.
func (d Domains) Shards(n int) Domains {
	if n < 1 {
		Panicf("rnlayer: Shards(%d) of %s: at least 1 is needed", n, d)
	}
	if d.shards > 1 {
		Panicf("rnlayer: Shards(%d) of %s: the layout has shards already", n, d)
	}
	d.shards = n
	return d
}

// Join lays the rows of the domains, [rows, …] each, out as a batch, [Σ rows, …]. It
// panics if they do not fit the layout.
func (d Domains) Join(domains ...*Node) *Node {
	batch := 0
	sizes := make([]int, len(domains))
	for i, x := range domains {
		sizes[i] = x.Shape().Dim(0)
		batch += sizes[i]
	}
	if rows, err := d.Rows(batch); err != nil || !slices.Equal(rows, sizes) {
		Panicf("rnlayer: domains of %v rows do not join to %s", sizes, d)
	}
	if d.shards <= 1 {
		return Concatenate(domains, 0)
	}
	parts := make([]*Node, len(domains))
	for i, x := range domains {
		parts[i] = axes.SplitFirst(x, d.shards)
	}
	return axes.MergeFirst(Concatenate(parts, 1), 2)
}

// Split returns the rows of each domain, [rows, …], of a batch [Σ rows, …]: the inverse
// of [Domains.Join]. It panics if the batch does not fit the layout.
func (d Domains) Split(x *Node) []*Node {
	rows, err := d.Rows(x.Shape().Dim(0))
	if err != nil {
		Panicf("rnlayer: splitting activations of shape %s: %v", x.Shape(), err)
	}
	domains := make([]*Node, len(rows))
	start := 0
	for i, n := range rows {
		if d.shards <= 1 {
			domains[i] = Slice(x, AxisRange(start, start+n))
		} else {
			shards := Slice(axes.SplitFirst(x, d.shards), AxisRange(), AxisRange(start/d.shards, (start+n)/d.shards))
			domains[i] = axes.MergeFirst(shards, 2)
		}
		start += n
	}
	return domains
}

// joinShards moves the rows of each domain together if the training batch is in shards,
// and returns the function that moves the rows of an output back.
//
// If all domains have the same number of rows, x becomes [domains, rows, …], one row a
// domain. The devices share the axis of the rows: they exchange nothing but sums over
// it. Otherwise x becomes the batch of the layout without shards, and the devices
// exchange rows.
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
	domains := axes.SwapFirst(axes.SplitFirst(l.x, d.shards, len(rows))) // [domains, shards, rows, …]
	dims := domains.Shape().Dimensions
	l.x = Reshape(domains, slices.Concat([]int{dims[0], dims[1] * dims[2]}, dims[3:])...)
	l.axis, l.layout = l.axis+1, EqualSizes(len(rows))
	return func(y *Node) *Node { return axes.MergeFirst(axes.SwapFirst(Reshape(y, dims...)), 3) }
}
