package figures

import (
	"context"
	"fmt"
	"iter"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/study/adistance"
	"github.com/reciprocalnorm/rn/plots"
)

// Distance is the proxy A-distance between the features of the two domains of a run.
type Distance struct {
	Run    string        `json:"run"`
	Config config.Config `json:"-"`
	// Task, Objective, Norm and Seed identify the run for a reader.
	Task      string `json:"task"`
	Objective string `json:"objective"`
	Norm      string `json:"norm"`
	Seed      int64  `json:"seed"`
	// Distance is 2(1 − 2·Error). Error is the error rate on held-out images, and
	// Held counts these in each domain, source first.
	Distance float64 `json:"distance"`
	Error    float64 `json:"error"`
	Held     [2]int  `json:"held"`
}

// MeasureDistance measures the proxy A-distance between the features of source and
// target test images of a run. The same options select the same images in every run
// of a task.
func MeasureDistance(ctx context.Context, s *experiments.Saved, o experiments.FeatureOptions) (Distance, error) {
	f, err := s.Features(ctx, o)
	if err != nil {
		return Distance{}, err
	}
	r, err := adistance.Measure(f.Values[0], f.Values[1], adistance.Options{Seed: o.Seed})
	if err != nil {
		return Distance{}, err
	}
	c := s.Config
	return Distance{
		Run: s.ID, Config: c, Task: taskOf(c), Objective: c.Objective, Norm: c.Norm, Seed: c.Seed,
		Distance: r.Distance, Error: r.Error, Held: r.Held,
	}, nil
}

// ADistance draws the proxy A-distances of runs, which experiments.OpenEach opens:
// one row per task, one marker per norm, mean and standard deviation over seeds.
func ADistance(ctx context.Context, runs iter.Seq2[*experiments.Saved, error], o experiments.FeatureOptions, plot plots.Options) (*plots.Figure, error) {
	distances, err := measureDistances(ctx, runs, o)
	if err != nil {
		return nil, err
	}
	return distanceFigure(distances, plot)
}

// measureDistances measures one run after another.
func measureDistances(ctx context.Context, runs iter.Seq2[*experiments.Saved, error], o experiments.FeatureOptions) ([]Distance, error) {
	if runs == nil {
		return nil, errNoRun
	}
	var distances []Distance
	for s, err := range runs {
		if err != nil {
			return nil, err
		}
		d, err := MeasureDistance(ctx, s, o)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", s.ID, err)
		}
		distances = append(distances, d)
	}
	return distances, nil
}

// distanceFigure draws distances.
func distanceFigure(distances []Distance, o plots.Options) (*plots.Figure, error) {
	values := make([]labelled, len(distances))
	for i, d := range distances {
		values[i] = labelled{run{config: d.Config}, d.Distance}
	}
	groups, err := groupsOf(values)
	if err != nil {
		return nil, err
	}
	return plots.ADistance(groups, o)
}

func drawADistance(ctx context.Context, in Input) (Drawing, error) {
	distances, err := measureDistances(ctx, in.Runs, in.Embedding.Features)
	if err != nil {
		return Drawing{}, err
	}
	f, err := distanceFigure(distances, in.titled("Distance of the domains' features"))
	return drawing(f, distances, err)
}
