package figures

import (
	"context"

	"github.com/reciprocalnorm/rn/experiments"
	"github.com/reciprocalnorm/rn/plots"
)

// Confusion draws the confusion matrix of a run's network on the target's test
// images. The network predicts as in the evaluations during training.
func Confusion(ctx context.Context, s *experiments.Saved, o plots.Options) (*plots.Figure, error) {
	p, err := s.Test(ctx)
	if err != nil {
		return nil, err
	}
	return plots.Confusion(plots.ConfusionMatrix{Counts: p.Confusion(), Classes: p.Classes}, o)
}

// Reliability draws the reliability diagram of a run's network on the target's test
// images. The network predicts as in the evaluations during training.
func Reliability(ctx context.Context, s *experiments.Saved, o plots.Options) (*plots.Figure, error) {
	p, err := s.Test(ctx)
	if err != nil {
		return nil, err
	}
	confidence, right := p.Confidence()
	return plots.Reliability(confidence, right, plots.ReliabilityOptions{Options: o})
}

// confusionNumbers is the JSON of a confusion matrix.
type confusionNumbers struct {
	Classes []string `json:"classes"`
	// Counts are [true classes][predicted classes].
	Counts [][]int `json:"counts"`
}

func drawConfusion(ctx context.Context, in Input) (Drawing, error) {
	return in.ofRun(func(s *experiments.Saved) (Drawing, error) {
		p, err := s.Test(ctx)
		if err != nil {
			return Drawing{}, err
		}
		f, err := Confusion(ctx, s, in.titled("%s", runTitle(s.Config)))
		return drawing(f, confusionNumbers{p.Classes, p.Confusion()}, err)
	})
}

func drawReliability(ctx context.Context, in Input) (Drawing, error) {
	return in.ofRun(func(s *experiments.Saved) (Drawing, error) {
		p, err := s.Test(ctx)
		if err != nil {
			return Drawing{}, err
		}
		f, err := Reliability(ctx, s, in.titled("%s", runTitle(s.Config)))
		return drawing(f, p.Evaluation(), err)
	})
}
