package rnlayer

import (
	"errors"
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/support/exceptions"
)

// Domains is the layout of a training batch: the rows of K ≥ 2 domains one after
// another along the batch axis, the target domain last. Make one with [Halves],
// [EqualSizes] or [Sizes], and from that one for several devices with
// [Domains.Shards]. The zero value is not a layout.
type Domains struct {
	count  int
	sizes  []int // rows of each domain; nil if all have the same number
	shards int   // see Shards; 0 is 1
}

// Halves is the layout of the paper: source rows, then as many target rows.
func Halves() Domains { return EqualSizes(2) }

// EqualSizes is a layout of count domains with the same number of rows each. It panics
// if count < 2.
func EqualSizes(count int) Domains {
	if count < 2 {
		Panicf("rnlayer: EqualSizes(%d): at least 2 domains are needed", count)
	}
	return Domains{count: count}
}

// Sizes is a layout with the given number of rows for each domain. It panics if there
// are fewer than two domains or a domain has no rows.
func Sizes(rows ...int) Domains {
	if len(rows) < 2 {
		Panicf("rnlayer: Sizes(%v): at least 2 domains are needed", rows)
	}
	for _, n := range rows {
		if n < 1 {
			Panicf("rnlayer: Sizes(%v): every domain needs at least one row", rows)
		}
	}
	return Domains{count: len(rows), sizes: slices.Clone(rows)}
}

var errNoLayout = errors.New("the domain layout is not set: give Halves(), EqualSizes(k) or Sizes(…)")

// Count returns the number of domains, K.
func (d Domains) Count() int { return d.count }

// Rows returns the number of rows of each domain in a batch of the given size, or an
// error if the batch does not fit the layout.
func (d Domains) Rows(batch int) ([]int, error) {
	if d.count == 0 {
		return nil, errNoLayout
	}
	rows := slices.Clone(d.sizes)
	if d.sizes == nil {
		if batch%d.count != 0 || batch == 0 {
			return nil, fmt.Errorf("a batch of %d rows does not split into %s", batch, d)
		}
		rows = slices.Repeat([]int{batch / d.count}, d.count)
	}
	total := 0
	for i, n := range rows {
		if n%max(d.shards, 1) != 0 {
			return nil, fmt.Errorf("a batch of %d rows does not split into %s: domain %d has %d rows", batch, d, i, n)
		}
		total += n
	}
	if total != batch {
		return nil, fmt.Errorf("a batch of %d rows does not split into %s, %d rows in all", batch, d, total)
	}
	return rows, nil
}

// String describes the layout for messages.
func (d Domains) String() string {
	if d.shards > 1 {
		whole := d
		whole.shards = 1
		return fmt.Sprintf("%d shards, each with 1/%d of %s", d.shards, d.shards, whole)
	}
	switch {
	case d.count == 0:
		return "no domain layout"
	case d.sizes == nil:
		return fmt.Sprintf("%d domains of equal size", d.count)
	default:
		return fmt.Sprintf("domains of %v rows", d.sizes)
	}
}
