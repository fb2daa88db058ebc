package figures

import (
	"context"
	"slices"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Correlation draws the channel correlation of a layer of a run on the run's first
// training batch. Rows are channels of the domain layer.From, columns the channels of
// layer.To that they are compared with.
func Correlation(ctx context.Context, s *experiments.Saved, layer LayerOptions, o plots.Options) (*plots.Figure, error) {
	layer, err := layer.filled()
	if err != nil {
		return nil, err
	}
	in, err := layer.inspected(ctx, s)
	if err != nil {
		return nil, err
	}
	return correlationOf(s.Config, in, layer, o)
}

// correlationOf draws the correlation of an inspected layer.
func correlationOf(c config.Config, in rnlayer.Inspection, layer LayerOptions, o plots.Options) (*plots.Figure, error) {
	found, err := in.Correlation(layer.Statistic, layer.From, layer.To)
	if err != nil {
		return nil, err
	}
	return plots.Correlation(plots.Matrix{P: found.P, Source: domainName(c, layer.From), Target: domainName(c, layer.To)},
		plots.CorrelationOptions{Options: o, Zoom: layer.Zoom, Colors: layer.Colors})
}

// correlationNumbers is the JSON of a correlation.
type correlationNumbers struct {
	Layer     string      `json:"layer"`
	Statistic string      `json:"statistic"`
	From      string      `json:"from"`
	To        string      `json:"to"`
	Channels  int         `json:"channels"`
	Share     float64     `json:"diagonal_share"`
	P         [][]float64 `json:"p"`
}

func drawCorrelation(ctx context.Context, in Input) (Drawing, error) {
	return in.ofRun(func(s *experiments.Saved) (Drawing, error) {
		layer, err := in.Layer.filled()
		if err != nil {
			return Drawing{}, err
		}
		inspected, err := layer.inspected(ctx, s)
		if err != nil {
			return Drawing{}, err
		}
		name := experiments.LayerName(inspected.Path)
		f, err := correlationOf(s.Config, inspected, layer, in.titled("%s, %ss", name, layer.Statistic))
		if err != nil {
			return Drawing{}, err
		}
		found, err := inspected.Correlation(layer.Statistic, layer.From, layer.To)
		if err != nil {
			return Drawing{}, err
		}
		share, err := plots.DiagonalShare(found.P)
		return drawing(f, correlationNumbers{
			Layer: name, Statistic: layer.Statistic, From: domainName(s.Config, layer.From), To: domainName(s.Config, layer.To),
			Channels: len(found.P), Share: share, P: slices.Clone(found.P),
		}, err)
	})
}
