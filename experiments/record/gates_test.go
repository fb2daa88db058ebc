package record

import (
	"encoding/json"
	"testing"
)

func TestQuantiles(t *testing.T) {
	if got, want := QuantilesOf([][]float64{{4, 1, 2}, {3, 0}}), (Quantiles{0, 0.2, 1, 2, 3, 3.8, 4}); got != want {
		t.Errorf("quantiles %v, want %v", got, want)
	}
	if got := QuantilesOf(nil); got != (Quantiles{}) {
		t.Errorf("quantiles of nothing: %v", got)
	}
	if got, want := QuantilesOf([][]float64{{1, 2}}), (Quantiles{1, 1.05, 1.25, 1.5, 1.75, 1.95, 2}); got != want {
		t.Errorf("quantiles %v, want %v", got, want)
	}
}

// TestQuantilesOfBefore: five quantiles, of the first runs that recorded any,
// are not taken for seven.
func TestQuantilesOfBefore(t *testing.T) {
	for text, want := range map[string]Quantiles{"[1,2,3,4,5,6,7]": {1, 2, 3, 4, 5, 6, 7}, "[1,2,3,4,5]": {}} {
		q := Quantiles{9}
		if err := json.Unmarshal([]byte(text), &q); err != nil || q != want {
			t.Errorf("%s is read as %v, %v, want %v", text, q, err, want)
		}
	}
}
