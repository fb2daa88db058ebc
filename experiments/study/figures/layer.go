package figures

import (
	"context"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/registry"
	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// The statistics of a layer; rnlayer uses the same names.
const (
	Mean     = "mean"
	Variance = "variance"
)

// LayerOptions select a layer and what a figure shows of it.
type LayerOptions struct {
	// Layer is the path of the layer, its experiments.LayerName, or a suffix of that
	// name which no other layer has. Empty means the last layer.
	Layer string
	// Statistic is Mean or Variance; empty means Mean.
	Statistic string
	// From is the domain that RN compensates, To the domain whose channels it
	// compares with. If both are zero, they are source and target.
	From, To int
	// Zoom selects a part of the correlation of a wide layer.
	Zoom plots.Zoom
	// Colors fixes the range of the colour scale of the correlation.
	Colors plots.Range
}

// filled returns the options with their defaults.
func (o LayerOptions) filled() (LayerOptions, error) {
	if o.Statistic == "" {
		o.Statistic = Mean
	}
	if o.Statistic != Mean && o.Statistic != Variance {
		return o, registry.Unknown("statistic", o.Statistic, []string{Mean, Variance})
	}
	if o.From == 0 && o.To == 0 {
		o.To = 1
	}
	return o, nil
}

// find returns the index of the selected layer in paths.
func (o LayerOptions) find(paths []string) (int, error) {
	if o.Layer == "" {
		return len(paths) - 1, nil
	}
	return experiments.FindLayer(paths, o.Layer)
}

// inspected returns the inspection of the selected layer.
func (o LayerOptions) inspected(ctx context.Context, s *experiments.Saved) (rnlayer.Inspection, error) {
	layers, err := s.Inspect(ctx)
	if err != nil {
		return rnlayer.Inspection{}, err
	}
	paths := make([]string, len(layers))
	for i, l := range layers {
		paths[i] = l.Path
	}
	i, err := o.find(paths)
	if err != nil {
		return rnlayer.Inspection{}, err
	}
	return layers[i], nil
}

// domainName returns the name of domain 0 or 1 of a run.
func domainName(c config.Config, domain int) string {
	return [2]string{c.Source, c.Target}[domain]
}
