package plots

import (
	"fmt"

	"github.com/reciprocalnorm/rn/plots/internal/layout"
)

// Range is a closed interval of axis values. The zero value lets the figure
// choose it from the data.
type Range struct{ Min, Max float64 }

func (r Range) isAuto() bool { return r == Range{} }

func (r Range) check(name string) error {
	if err := checkValue(r.Min); err != nil {
		return fmt.Errorf("%s.Min: %w", name, err)
	}
	if err := checkValue(r.Max); err != nil {
		return fmt.Errorf("%s.Max: %w", name, err)
	}
	if !r.isAuto() && r.Min >= r.Max {
		return fmt.Errorf("%s [%g, %g] is empty; Min must be below Max", name, r.Min, r.Max)
	}
	return nil
}

// Scale is the spacing of an axis.
type Scale int

const (
	// Linear is the zero value.
	Linear Scale = iota
	// Log2 spaces doublings equally, for sizes that are powers of two.
	Log2
	// Log10 spaces decades equally.
	Log10
)

// String returns the name of the scale.
func (s Scale) String() string {
	switch s {
	case Linear:
		return "linear"
	case Log2:
		return "log2"
	case Log10:
		return "log10"
	default:
		return fmt.Sprintf("Scale(%d)", int(s))
	}
}

func (s Scale) check() error {
	if s < Linear || s > Log10 {
		return fmt.Errorf("unknown scale %v; use Linear, Log2 or Log10", s)
	}
	return nil
}

// checkValue returns an error if v cannot stand on an axis of the scale.
func (s Scale) checkValue(v float64) error {
	if s != Linear && v <= 0 {
		return fmt.Errorf("value %g is not positive, as a %v axis requires", v, s)
	}
	return nil
}

func (s Scale) layout() layout.Scale {
	return layout.Scale{Base: map[Scale]float64{Log2: 2, Log10: 10}[s]}
}
