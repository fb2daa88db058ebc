package experiments

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// newStatistics is the graph that passes a training batch through the network
// for its running statistics alone: they become those of the batch, nothing of
// before.
func (t *trainer) newStatistics(backend compute.Backend, norm normMaker) (*model.Exec, error) {
	c := t.config
	c.NormOptions.Momentum = 1
	network, err := c.networkOf(norm, t.variant)
	if err != nil {
		return nil, err
	}
	return model.NewExec(backend, t.store, func(scope *model.Scope, source, target *Node) *Node {
		t.store.SetTraining(source.Graph(), true)
		_, logits := network(scope.In(networkScope), t.images(source, target), t.classes)
		return ReduceAllMean(logits)
	})
}

// runningStatistics are the network's variables of that kind.
func (t *trainer) runningStatistics() []*model.Variable {
	var found []*model.Variable
	for v := range t.store.Scope(model.JoinPath("/", networkScope)).IterVariables() {
		if model.BasePath(v.Scope()) == rnlayer.ScopeName && rnlayer.IsRunningStatistic(v.Name()) {
			found = append(found, v)
		}
	}
	return found
}

// recalibrate sets the running statistics to their means over an epoch of the
// target's training images, beside as many of the source: the statistics of the
// population under the weights at hand. No weight changes, and the batches are
// the same every time.
func (t *trainer) recalibrate(ctx context.Context, d data, env Environment) error {
	batches, err := newBatches(t.config, d, 0, env.loading())
	if err != nil {
		return err
	}
	defer batches.close()
	steps := max(d.target.examples.Len()/t.config.BatchSize, 1)
	sums := make(map[*model.Variable][]float64)
	for step := range steps {
		b, err := batches.next(ctx)
		if err != nil {
			return err
		}
		_, err = t.statistics.Call(b.source, b.target)
		b.finalize()
		if err != nil {
			return fmt.Errorf("recalibrating: %w", err)
		}
		for _, v := range t.runningStatistics() {
			if sums[v] == nil {
				sums[v] = make([]float64, v.Shape().Size())
			}
			for i, value := range tensors.MustCopyFlatData[float32](v.MustValue()) {
				sums[v][i] += float64(value) / float64(steps)
			}
		}
		if env.Preparing != nil {
			env.Preparing("recalibration", step+1, steps)
		}
	}
	for v, sum := range sums {
		mean := make([]float32, len(sum))
		for i, value := range sum {
			mean[i] = float32(value)
		}
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(mean, v.Shape().Dimensions...)); err != nil {
			return err
		}
	}
	return nil
}

// evaluateTarget evaluates the network on the target's test images, with the
// statistics that the norm is evaluated with.
func (t *trainer) evaluateTarget(ctx context.Context, d data, env Environment) (Evaluation, error) {
	if t.population {
		if err := t.recalibrate(ctx, d, env); err != nil {
			return Evaluation{}, err
		}
	}
	return t.evaluate(ctx, d.test, env.loading())
}
