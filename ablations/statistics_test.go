package ablations

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestStatistics compares with numbers computed by hand. The quantiles t(0.975; ν)
// have closed forms: tan(0.475π) for ν = 1, and 2q/√(2(1 − q²)) with q = 0.95 for
// ν = 2.
func TestStatistics(t *testing.T) {
	if s := Summarize([]float64{0.5}); s != (Summary{1, 0.5, 0}) {
		t.Errorf("one value: %+v", s)
	}
	if s := Summarize([]float64{1, 2, 6}); s.N != 3 || !near(s.Mean, 3) || !near(s.Std, math.Sqrt((4.0+1+9)/2)) {
		t.Errorf("three values: %+v", s)
	}
	t1, t2 := math.Tan(0.475*math.Pi), 2*0.95/math.Sqrt(2*(1-0.95*0.95))
	if math.Abs(t1-12.706) > 1e-3 || math.Abs(t2-4.303) > 1e-3 { // as in any table
		t.Fatalf("quantiles %g, %g", t1, t2)
	}
	// Differences 1 and 3: mean 2, s = √2, half-width t·√2/√2.
	d := Compare(map[int64]float64{0: 2, 1: 5, 7: 100}, map[int64]float64{0: 1, 1: 2, 8: 100})
	if d == nil || d.N != 2 || !near(d.Mean, 2) || !near(*d.Low, 2-t1) || !near(*d.High, 2+t1) {
		t.Errorf("two seeds: %+v", d)
	}
	// Differences 0, 0.5 and 1: mean 0.5, s = 0.5, half-width t·0.5/√3.
	d = Compare(map[int64]float64{1: 10, 2: 21.5, 3: 31}, map[int64]float64{1: 10, 2: 21, 3: 30})
	if half := t2 * 0.5 / math.Sqrt(3); d.N != 3 || !near(d.Mean, 0.5) || !near(*d.Low, 0.5-half) || !near(*d.High, 0.5+half) {
		t.Errorf("three seeds: %+v", d)
	}
	if d := Compare(map[int64]float64{1: 2}, map[int64]float64{1: 1}); d.N != 1 || d.Mean != 1 || d.Low != nil || d.High != nil {
		t.Errorf("one seed: %+v", d)
	}
	if d := Compare(map[int64]float64{1: 2}, map[int64]float64{2: 1}); d != nil {
		t.Errorf("no common seed: %+v", d)
	}
}
