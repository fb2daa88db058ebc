package layout

import "testing"

func TestColorScale(t *testing.T) {
	s := NewColorScale(Range{Min: 1, Max: 3}, "P")
	for v, want := range map[float64]uint8{1: 0, 2: 128, 3: 255, -7: 0, 9: 255} {
		if got := s.Index(v); got != want {
			t.Errorf("Index(%g) = %d in [1, 3]; want %d", v, got, want)
		}
	}
}

// TestColorScaleUnit checks that very small and very large values get a power
// of ten in the label and short ticks.
func TestColorScaleUnit(t *testing.T) {
	for _, tt := range []struct {
		r     Range
		label string
		last  string
	}{
		{Range{0, 1}, "P", "1.0"},
		{Range{0, 0.0004}, "P (×1e−4)", "4"},
		{Range{0, 60000}, "P (×1e4)", "6"},
	} {
		s := NewColorScale(tt.r, "P")
		ticks := s.ticks()
		if last := ticks[len(ticks)-1].Label; s.label != tt.label || last != tt.last {
			t.Errorf("scale of %v has label %q and last tick %q; want %q, %q", tt.r, s.label, last, tt.label, tt.last)
		}
	}
}
