package layout

import "math"

// Range is an interval of axis values.
type Range struct{ Min, Max float64 }

// EmptyRange contains nothing; [Range.Include] turns it into the range of the
// values.
func EmptyRange() Range { return Range{Min: math.Inf(1), Max: math.Inf(-1)} }

// Include widens the range to the values.
func (r *Range) Include(values ...float64) {
	for _, v := range values {
		r.Min, r.Max = min(r.Min, v), max(r.Max, v)
	}
}

// Padded returns r widened by a twentieth on each side. A single point gets a
// twentieth of its magnitude, and 0 gets ±0.5.
func (r Range) Padded() Range {
	pad := (r.Max - r.Min) / 20
	if size := max(math.Abs(r.Min), math.Abs(r.Max)); pad <= 1e-9*size {
		pad = size / 20
	}
	if pad == 0 {
		pad = 0.5
	}
	return Range{Min: r.Min - pad, Max: r.Max + pad}
}

// PaddedWithin is [Range.Padded] for a quantity that cannot leave [lo, hi]: it
// does not pad beyond an end that the data respect.
func (r Range) PaddedWithin(lo, hi float64) Range {
	p := r.Padded()
	if r.Min >= lo {
		p.Min = max(p.Min, lo)
	}
	if r.Max <= hi {
		p.Max = min(p.Max, hi)
	}
	return p
}

// Times returns r in another unit.
func (r Range) Times(factor float64) Range { return Range{Min: r.Min * factor, Max: r.Max * factor} }
