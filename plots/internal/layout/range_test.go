package layout

import "testing"

func TestPadded(t *testing.T) {
	for _, tt := range []struct{ r, want Range }{
		{Range{0, 1}, Range{-0.05, 1.05}},
		{Range{2, 2}, Range{1.9, 2.1}},
		{Range{0, 0}, Range{-0.5, 0.5}},
	} {
		if got := tt.r.Padded(); got != tt.want {
			t.Errorf("%v.Padded() = %v; want %v", tt.r, got, tt.want)
		}
	}
}

// TestPaddedWithin checks that padding stops at the ends of a quantity, unless
// the data pass them.
func TestPaddedWithin(t *testing.T) {
	for _, tt := range []struct{ r, want Range }{
		{Range{0, 100}, Range{0, 100}},
		{Range{40, 60}, Range{39, 61}},
		{Range{-20, 100}, Range{-26, 100}},
	} {
		if got := tt.r.PaddedWithin(0, 100); got != tt.want {
			t.Errorf("%v.PaddedWithin(0, 100) = %v; want %v", tt.r, got, tt.want)
		}
	}
}

func TestInclude(t *testing.T) {
	r := EmptyRange()
	r.Include(3, -1, 2)
	r.Include()
	if want := (Range{-1, 3}); r != want {
		t.Errorf("the range of 3, −1, 2 is %v; want %v", r, want)
	}
}
