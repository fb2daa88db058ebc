package notebook

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Compensation holds one statistic of a layer for one batch before and after RC, by
// channel.
type Compensation struct {
	Layer     string // name of the layer
	Statistic string // mean or variance
	// Own and Other are the statistics of the compensated domain and of the other.
	Own, Other []float64
	// Compensated is P times Other; see rnlayer.Inspection.
	Compensated []float64
	// Used are the statistics that normalized the batch.
	Used []float64
}

// NewCompensation reads the compensation of a domain, 0 for the source and 1 for the
// target, from a layer with two domains.
func NewCompensation(l rnlayer.Inspection, statistic string, domain int) (Compensation, error) {
	compensated, err := l.Compensated(statistic, domain, 1-domain)
	if err != nil {
		return Compensation{}, err
	}
	own, used := l.Mean, l.MixedMean
	if statistic == "variance" {
		own, used = l.Variance, l.MixedVariance
	}
	return Compensation{
		Layer: experiments.LayerName(l.Path), Statistic: statistic,
		Own: own[domain], Other: own[1-domain], Compensated: compensated, Used: used[domain],
	}, nil
}

// Mixed returns share·Own + (1 − share)·Compensated.
func (c Compensation) Mixed(share float64) []float64 {
	out := make([]float64, len(c.Own))
	for i := range out {
		out[i] = share*c.Own[i] + (1-share)*c.Compensated[i]
	}
	return out
}

// Spread returns the ratio of two standard deviations over channels: of Compensated
// and of Other. Compensated statistics are weighted means of Other. So the ratio is 1
// if P is a permutation, and 0 if P is uniform.
func (c Compensation) Spread() float64 {
	return stat.StdDev(c.Compensated, nil) / stat.StdDev(c.Other, nil)
}

// Figure draws the statistics for a share of Own, with channels sorted by Own.
func (c Compensation) Figure(share float64, o plots.Options) (*plots.Figure, error) {
	order, rank := make([]int, len(c.Own)), make([]float64, len(c.Own))
	for i := range order {
		order[i], rank[i] = i, float64(i)
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(c.Own[i], c.Own[j]) })
	series := func(name string, values []float64) plots.Series {
		sorted := make([]float64, len(values))
		for i, at := range order {
			sorted[i] = values[at]
		}
		return plots.Series{Name: name, X: rank, Runs: [][]float64{sorted}}
	}
	if o.Title == "" {
		o.Title = fmt.Sprintf("%s, %ss, own share %.2f", c.Layer, c.Statistic, share)
	}
	return plots.Curves([]plots.Series{
		series("own", c.Own), series("other domain's", c.Other), series("compensated", c.Compensated), series("mixed", c.Mixed(share)),
	}, plots.CurveOptions{Options: o, XLabel: "channel, in the order of its own " + c.Statistic, YLabel: c.Statistic, NoRuns: true})
}
