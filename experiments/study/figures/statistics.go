package figures

import (
	"context"
	"errors"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/plots"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// Statistics draws the running means and variances of a layer, target against
// source. The norm must keep running statistics for each domain.
func Statistics(s *experiments.Saved, layer LayerOptions, o plots.Options) (*plots.Figure, error) {
	l, err := layer.running(s)
	if err != nil {
		return nil, err
	}
	return statisticsOf(s.Config, l, o)
}

// running returns the selected layer of a network, with its running statistics.
func (o LayerOptions) running(s *experiments.Saved) (rnlayer.Layer, error) {
	layers, err := s.Layers()
	if err != nil {
		return rnlayer.Layer{}, err
	}
	if len(layers) == 0 {
		return rnlayer.Layer{}, errors.New("the network has no norm layer with running statistics")
	}
	paths := make([]string, len(layers))
	for i, l := range layers {
		paths[i] = l.Path
	}
	i, err := o.find(paths)
	if err != nil {
		return rnlayer.Layer{}, err
	}
	if n := len(layers[i].RunningMean); n != 2 {
		return rnlayer.Layer{}, fmt.Errorf("layer %s of norm %s keeps statistics of %d domain(s): want source and target",
			experiments.LayerName(paths[i]), s.Config.Norm, n)
	}
	return layers[i], nil
}

// statisticsOf draws the running statistics of a layer.
func statisticsOf(c config.Config, l rnlayer.Layer, o plots.Options) (*plots.Figure, error) {
	return plots.Statistics(plots.DomainStatistics{
		SourceMean: l.RunningMean[0], TargetMean: l.RunningMean[1],
		SourceVariance: l.RunningVariance[0], TargetVariance: l.RunningVariance[1],
		Source: c.Source, Target: c.Target,
	}, o)
}

// statisticsNumbers is the JSON of a layer's statistics, [domains][channels].
type statisticsNumbers struct {
	Layer    string      `json:"layer"`
	Domains  [2]string   `json:"domains"`
	Mean     [][]float64 `json:"mean"`
	Variance [][]float64 `json:"variance"`
}

func drawStatistics(_ context.Context, in Input) (Drawing, error) {
	return in.ofRun(func(s *experiments.Saved) (Drawing, error) {
		l, err := in.Layer.running(s)
		if err != nil {
			return Drawing{}, err
		}
		name := experiments.LayerName(l.Path)
		f, err := statisticsOf(s.Config, l, in.titled("%s, running statistics", name))
		return drawing(f, statisticsNumbers{name, [2]string{s.Config.Source, s.Config.Target}, l.RunningMean, l.RunningVariance}, err)
	})
}
