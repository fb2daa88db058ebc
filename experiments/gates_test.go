package experiments

import (
	"context"
	"slices"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/internal/toydata"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestPointsHaveGates: points hold RN's gates of every layer, within their range,
// and no gates of BN.
func TestPointsHaveGates(t *testing.T) {
	backend := toydata.Backend(t)
	for norm, want := range map[string]int{"rn": 3, "bn": 0} {
		c := toydata.DigitsConfig(t, norm, "source-only")
		c.Steps, c.Optimizer.LearningRate, c.Optimizer.WeightDecay = 3, 0.1, 0.1
		r, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		gates := r.Points[0].Gates
		if len(gates) != want {
			t.Fatalf("%s: gates of %d layers, want %d", norm, len(gates), want)
		}
		for _, g := range gates {
			for _, q := range []record.Quantiles{g.Mean, g.Variance} {
				if !slices.IsSorted(q[:]) || q[0] < 0.5 || q[6] > 1 || q[0] == 1 {
					t.Errorf("%s: quantiles %v: want them in [0.5, 1], and some below 1", g.Layer, q)
				}
			}
		}
	}
}

// TestGatesOfOneStatistic: a run that aggregates one statistic records the gates of
// that one, and zeros for the other.
func TestGatesOfOneStatistic(t *testing.T) {
	backend := toydata.Backend(t)
	for share, has := range map[rnlayer.Share]func(record.Gates) (own, other record.Quantiles){
		rnlayer.ShareMean:     func(g record.Gates) (own, other record.Quantiles) { return g.Mean, g.Variance },
		rnlayer.ShareVariance: func(g record.Gates) (own, other record.Quantiles) { return g.Variance, g.Mean },
	} {
		c := toydata.DigitsConfig(t, "rn", "source-only")
		c.Steps, c.NormOptions.Share = 1, share
		r, err := runToy(context.Background(), backend, c, toydata.Digits(), outputTo(t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		gates := r.Points[0].Gates
		if len(gates) != 3 {
			t.Errorf("share %s: gates of %d layers, want 3", share, len(gates))
		}
		for _, g := range gates {
			if own, other := has(g); own == (record.Quantiles{}) || other != (record.Quantiles{}) {
				t.Errorf("share %s: gates %+v", share, g)
			}
		}
	}
}
