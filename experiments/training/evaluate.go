package training

import (
	"context"
	"errors"

	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/experiments/score"
)

// Predict returns the class probabilities of labelled examples. The probabilities
// of several crops of an example are averaged, as in CDAN's code.
func (t *Trainer) Predict(ctx context.Context, s input.Set, env environment.Environment) (score.Predictions, error) {
	p := score.Predictions{Classes: s.Classes}
	crops := max(s.Crops, 1)
	err := input.Forward(ctx, s, input.EvalRows(s), input.Loading(env.Images, env.Reporter), t.Logits, func(index int, logits []float32) error {
		classes := len(logits) / crops
		mean := make([]float64, classes)
		for c := range crops {
			for k, v := range score.Softmax(logits[c*classes : (c+1)*classes]) {
				mean[k] += v / float64(crops)
			}
		}
		p.Labels = append(p.Labels, s.Labels[index])
		p.Probabilities = append(p.Probabilities, mean)
		return nil
	})
	if err == nil && len(p.Labels) == 0 {
		err = errors.New("no image of " + s.Name + " can be read")
	}
	return p, err
}

// Evaluate scores the network on the target's test images. It first estimates the
// running statistics anew if the norm is evaluated with those of a whole epoch; an
// error, such as the cancellation of ctx, leaves them as they were.
func (t *Trainer) Evaluate(ctx context.Context, d input.Data, env environment.Environment) (_ score.Evaluation, err error) {
	if t.Prepared.Population {
		before := t.statisticsNow()
		defer func() {
			if err != nil {
				err = errors.Join(err, setStatistics(before))
			}
		}()
		if err := t.Recalibrate(ctx, d, env); err != nil {
			return score.Evaluation{}, err
		}
	}
	p, err := t.Predict(ctx, d.Test, env)
	if err != nil {
		return score.Evaluation{}, err
	}
	return p.Evaluation(), nil
}
