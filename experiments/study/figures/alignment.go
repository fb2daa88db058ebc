package figures

import (
	"context"
	"math"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// Aligned measures how well the channels of a layer, or its groups of channels,
// correspond between two domains by one statistic.
type Aligned struct {
	// Share is the share of channels whose most correlated channel in the other
	// domain has the same index. Misaligned is the share of the others.
	Share      float64 `json:"share"`
	Misaligned float64 `json:"misaligned"`
	// Entropy is the mean entropy of the rows of the correlation, in nats.
	Entropy float64 `json:"entropy"`
}

// LayerAligned is the alignment of one layer; see [MeasureAlignment].
type LayerAligned struct {
	Layer string `json:"layer"`
	// Channels is the number of rows of the correlation. Share is 1/Channels by
	// chance.
	Channels int     `json:"channels"`
	Mean     Aligned `json:"mean"`
	Variance Aligned `json:"variance"`
}

// MeasureAlignment measures the alignment of each RN layer of a run on the run's
// first training batch. Rows of the correlation are channels of the domain
// layer.From, columns channels of layer.To.
func MeasureAlignment(ctx context.Context, s *experiments.Saved, layer LayerOptions) ([]LayerAligned, error) {
	layer, err := layer.filled()
	if err != nil {
		return nil, err
	}
	layers, err := s.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]LayerAligned, len(layers))
	for i, l := range layers {
		rows[i].Layer = experiments.LayerName(l.Path)
		for statistic, to := range map[string]*Aligned{Mean: &rows[i].Mean, Variance: &rows[i].Variance} {
			c, err := l.Correlation(statistic, layer.From, layer.To)
			if err != nil {
				return nil, err
			}
			share, err := plots.DiagonalShare(c.P)
			if err != nil {
				return nil, err
			}
			rows[i].Channels = len(c.P)
			*to = Aligned{Share: share, Misaligned: 1 - share, Entropy: meanEntropy(c.P)}
		}
	}
	return rows, nil
}

// meanEntropy returns the mean entropy of rows in nats, from 0 to the logarithm of
// their length.
func meanEntropy(p [][]float64) float64 {
	sum := 0.0
	for _, row := range p {
		for _, v := range row {
			if v > 0 {
				sum -= v * math.Log(v)
			}
		}
	}
	return min(max(sum/float64(len(p)), 0), math.Log(float64(len(p[0]))))
}

// Alignment draws two quantities layer by layer, for means and for variances: the
// share of channels whose most correlated channel in the other domain has the same
// index, and the entropy of the correlation's rows.
func Alignment(ctx context.Context, s *experiments.Saved, layer LayerOptions, o plots.Options) (*plots.Figure, error) {
	rows, err := MeasureAlignment(ctx, s, layer)
	if err != nil {
		return nil, err
	}
	return alignmentOf(rows, o)
}

// alignmentOf draws the alignment of layers.
func alignmentOf(rows []LayerAligned, o plots.Options) (*plots.Figure, error) {
	layers := make([]plots.LayerAlignment, len(rows))
	for i, r := range rows {
		layers[i] = plots.LayerAlignment{
			Layer: r.Layer, Channels: r.Channels,
			Share: []float64{r.Mean.Share, r.Variance.Share}, Entropy: []float64{r.Mean.Entropy, r.Variance.Entropy},
		}
	}
	return plots.Alignment(layers, plots.AlignmentOptions{Options: o, Series: []string{"means", "variances"}})
}

func drawAlignment(ctx context.Context, in Input) (Drawing, error) {
	return in.ofRun(func(s *experiments.Saved) (Drawing, error) {
		rows, err := MeasureAlignment(ctx, s, in.Layer)
		if err != nil {
			return Drawing{}, err
		}
		f, err := alignmentOf(rows, in.titled("%s", runTitle(s.Config)))
		return drawing(f, rows, err)
	})
}
