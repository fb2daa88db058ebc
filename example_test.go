package rn_test

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// classifier takes source rows followed by as many target rows.
func classifier(scope *model.Scope, x *Node) *Node {
	hidden := scope.In("hidden")
	x = layers.DenseWithBias(hidden, x, 64)
	x = rnlayer.New(hidden, x).Domains(rnlayer.Halves()).Done()
	return layers.DenseWithBias(scope.In("classes"), activation.Relu(x), 10)
}

// newTrainer keeps RN's gates in [0.5, 1] after each step of Adam.
func newTrainer(backend compute.Backend, store *model.Store, sourceLoss train.LossFn) *train.Trainer {
	adam := rnlayer.WithGateProjection(optimizer.Adam().Done())
	return train.NewTrainer(backend, store, classifier, sourceLoss, adam, nil, nil)
}

// RN in a model of your own: the README's code, trained for two steps on two
// source rows, of the classes 0 and 1, and two target rows.
func Example() {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	sourceLoss := func(labels, logits []*Node) *Node {
		return loss.SparseCategoricalCrossEntropyLogits(labels, []*Node{Slice(logits[0], AxisRange(0, 2))})
	}
	store := model.NewStore()
	trainer := newTrainer(backend, store, sourceLoss)
	var losses []float64
	for range 2 {
		metrics, err := trainer.TrainStep(train.Batch{
			Inputs: []*tensors.Tensor{tensors.FromValue([][]float64{{0, 5}, {2, 7}, {5, 0}, {7, 2}})},
			Labels: []*tensors.Tensor{tensors.FromValue([][]int32{{0}, {1}})},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		losses = append(losses, tensors.ToScalar[float64](metrics[0]))
	}
	layers, err := rnlayer.Layers(store)
	if err != nil {
		fmt.Println(err)
		return
	}
	gates := slices.Concat(layers[0].MeanGates...)
	fmt.Println("the loss falls:", losses[1] < losses[0])
	fmt.Println("gates:", len(gates), "in [0.5, 1]:", slices.Min(gates) >= 0.5 && slices.Max(gates) <= 1)
	// Output:
	// the loss falls: true
	// gates: 128 in [0.5, 1]: true
}
