package figures

import (
	"context"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Statistics of a layer, as rnlayer calls them.
const (
	Mean     = "mean"
	Variance = "variance"
)

// LayerOptions say which layer is drawn, and what of it.
type LayerOptions struct {
	// Layer is the layer's path, its experiments.LayerName, or an end of that which
	// no other layer has; empty for the last layer.
	Layer string
	// Statistic is Mean or Variance; empty for Mean.
	Statistic string
	// From is the domain that is compensated, To the one that is looked up; both
	// zero for source and target.
	From, To int
	// Zoom shows a part of a wide layer's correlation.
	Zoom plots.Zoom
	// Colors fixes the ends of the correlation's colours.
	Colors plots.Range
}

// filled sets the defaults.
func (o LayerOptions) filled() (LayerOptions, error) {
	if o.Statistic == "" {
		o.Statistic = Mean
	}
	if o.Statistic != Mean && o.Statistic != Variance {
		return o, fmt.Errorf("unknown statistic %q: want %s or %s", o.Statistic, Mean, Variance)
	}
	if o.From == 0 && o.To == 0 {
		o.To = 1
	}
	return o, nil
}

// find is the index of the layer among layers of paths.
func (o LayerOptions) find(paths []string) (int, error) {
	if o.Layer == "" {
		return len(paths) - 1, nil
	}
	return experiments.FindLayer(paths, o.Layer)
}

// inspected is the inspection of the chosen layer.
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

// domainName is the name of a domain of a run.
func domainName(c config.Config, domain int) string {
	return [2]string{c.Source, c.Target}[domain]
}
