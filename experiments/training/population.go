package training

import (
	"context"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/input"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// newStatistics is the graph that passes a training batch through the network for
// its running statistics alone. With momentum 1 they become the batch's.
func (t *Trainer) newStatistics() (*model.Exec, error) {
	p := t.Prepared
	p.Config.NormOptions.Momentum = 1
	network, err := p.Network(t.norm)
	if err != nil {
		return nil, err
	}
	return model.NewExec(t.backend, t.Store, func(scope *model.Scope, source, target *Node) *Node {
		t.Store.SetTraining(source.Graph(), true)
		_, logits := network(scope.In(config.NetworkScope), t.images(source, target), t.Classes)
		return ReduceAllMean(logits)
	})
}

// RunningStatistics are the network's running means, variances and covariances.
func (t *Trainer) RunningStatistics() []*model.Variable {
	var found []*model.Variable
	for v := range t.Store.Scope(model.JoinPath("/", config.NetworkScope)).IterVariables() {
		if model.BasePath(v.Scope()) == rnlayer.ScopeName && rnlayer.IsRunningStatistic(v.Name()) {
			found = append(found, v)
		}
	}
	return found
}

// Recalibrate sets the running statistics to their means over an epoch of the
// target's training images, beside as many source images: the statistics of the
// population under the current weights. Weights do not change, and the batches are
// the same every time.
func (t *Trainer) Recalibrate(ctx context.Context, d input.Data, env environment.Environment) error {
	c := t.Prepared.Config
	batches, err := input.NewBatches(c, d, 0, input.Loading(env.Images, env.Reporter))
	if err != nil {
		return err
	}
	defer batches.Close()
	steps := max(d.Target.Examples.Len()/c.BatchSize, 1)
	sums := make(map[*model.Variable][]float64)
	for step := range steps {
		b, err := batches.Next(ctx)
		if err != nil {
			return err
		}
		mean, err := t.statistics.Call1(b.Source, b.Target)
		b.Finalize()
		if err != nil {
			return fmt.Errorf("recalibrating: %w", err)
		}
		mean.MustFinalizeAll()
		for _, v := range t.RunningStatistics() {
			if sums[v] == nil {
				sums[v] = make([]float64, v.Shape().Size())
			}
			for i, value := range tensors.MustCopyFlatData[float32](v.MustValue()) {
				sums[v][i] += float64(value) / float64(steps)
			}
		}
		env.ReportPreparing("recalibration", step+1, steps)
	}
	means := make(map[*model.Variable][]float32)
	for v, sum := range sums {
		means[v] = make([]float32, len(sum))
		for i, value := range sum {
			means[v][i] = float32(value)
		}
	}
	return setStatistics(means)
}

// statisticsNow returns copies of the running statistics.
func (t *Trainer) statisticsNow() map[*model.Variable][]float32 {
	values := make(map[*model.Variable][]float32)
	for _, v := range t.RunningStatistics() {
		values[v] = tensors.MustCopyFlatData[float32](v.MustValue())
	}
	return values
}

// setStatistics sets running statistics.
func setStatistics(values map[*model.Variable][]float32) error {
	for v, flat := range values {
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(flat, v.Shape().Dimensions...)); err != nil {
			return err
		}
	}
	return nil
}
