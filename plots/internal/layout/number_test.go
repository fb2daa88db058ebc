package layout

import "testing"

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		v        float64
		decimals int
		want     string
	}{
		{98.04, 1, "98.0"}, {-1.25, 1, "−1.2"}, {-0.01, 1, "0.0"}, {0, -1, "0"},
		{0.25, -1, "0.25"}, {12345678, 1, "1.23e+07"}, {2, 0, "2"},
	} {
		if got := Number(tt.v, tt.decimals); got != tt.want {
			t.Errorf("Number(%g, %d) = %q; want %q", tt.v, tt.decimals, got, tt.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0: "0", 1: "100", 0.125: "12.5", 0.01: "1.0", 0.001234: "0.12"} {
		if got := Percent(share); got != want {
			t.Errorf("Percent(%g) = %q; want %q", share, got, want)
		}
	}
}
