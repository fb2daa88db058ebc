package rnlayer_test

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// A batch of two source rows and two target rows. The gates start at 1, where each
// domain is normalized with its own statistics.
func ExampleNew() {
	store := model.NewStore()
	exec := model.MustNewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		scope.Store().SetTraining(x.Graph(), true)
		return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
	})
	y := exec.MustCall1([][]float64{{1}, {3}, {10}, {30}})
	for _, row := range y.Value().([][]float64) {
		fmt.Printf("%.3f\n", row[0])
	}
	// Output:
	// -0.707
	// 0.707
	// -0.707
	// 0.707
}

// A network takes its normalization as a function, which the registry makes.
func ExampleLookup() {
	spec, err := rnlayer.Lookup("dsbn")
	if err != nil {
		fmt.Println(err)
		return
	}
	var norm rnlayer.Norm = spec.Norm(rnlayer.Sizes(36, 12), rnlayer.DefaultOptions())
	fmt.Println(spec.Name, norm != nil)
	// Output: dsbn true
}

// Inspect shows which channels a batch looks up, and does not change the store.
func ExampleInspect() {
	network := func(scope *model.Scope, inputs []*Node) []*Node {
		return []*Node{rnlayer.New(scope, inputs[0]).Domains(rnlayer.Halves()).Done()}
	}
	layers, err := rnlayer.Inspect(backend, model.NewStore(), network, [][]float64{{0, 5}, {2, 7}, {5, 0}, {7, 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := layers[0].Correlation("mean", 0, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("source channel 0 looks up the target's channels with %.2f\n", c.P[0])
	// Output: source channel 0 looks up the target's channels with [0.00 1.00]
}

// A layout joins the rows of the domains to a batch and splits a batch into them. In two
// shards, each device receives half of the rows of every domain.
func ExampleDomains() {
	layout := rnlayer.Sizes(4, 2).Shards(2)
	out, err := CallOnceN(backend, func(source, target *Node) []*Node {
		batch := layout.Join(source, target)
		return append([]*Node{batch}, layout.Split(batch)...)
	}, []int32{1, 2, 3, 4}, []int32{-1, -2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(layout)
	for _, rows := range out {
		fmt.Println(rows.Value())
	}
	// Output:
	// 2 shards, each with 1/2 of domains of [4 2] rows
	// [1 2 -1 3 4 -2]
	// [1 2 3 4]
	// [-1 -2]
}

// The wrapped optimizer clamps the gates to [0.5, 1] after each step. Here a step of size
// 1 along a gradient of 1 would move all gates from 1 to 0.
func ExampleWithGateProjection() {
	sgd := optimizer.StochasticGradientDescent().WithLearningRate(1).WithDecay(false).Done()
	opt := rnlayer.WithGateProjection(sgd)
	store := model.NewStore()
	_, err := model.CallOnce(backend, store, func(scope *model.Scope, x *Node) *Node {
		store.SetTraining(x.Graph(), true)
		rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
		loss := ReduceAllSum(store.GetVariable("/norm/" + rnlayer.VarMeanGate).NodeValue(x.Graph()))
		opt.UpdateGraph(scope, x.Graph(), loss)
		return loss
	}, [][]float64{{1}, {3}, {10}, {30}})
	if err != nil {
		fmt.Println(err)
		return
	}
	layers, err := rnlayer.Layers(store)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("gates of the means, [domains][channels]:", layers[0].MeanGates)
	// Output: gates of the means, [domains][channels]: [[0.5] [0.5]]
}

// In inference a layer is one scale and one shift a channel, here with the target's
// running mean 3 and running variance 4, γ = 2 and β = 1.
func ExampleSpec_Affine() {
	spec, err := rnlayer.Lookup("rn")
	if err != nil {
		fmt.Println(err)
		return
	}
	layer := rnlayer.Layer{
		Scale: [][]float64{{2}}, Offset: [][]float64{{1}},
		RunningMean: [][]float64{{0}, {3}}, RunningVariance: [][]float64{{1}, {4}}, // source, target
	}
	affine, err := spec.Affine(layer, rnlayer.DefaultOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("y = %.3f x + %.3f\n", affine.Scale[0], affine.Shift[0])
	// Output: y = 1.000 x + -2.000
}
