package rnlayer_test

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// A batch of two source rows and two target rows: each domain is normalized
// with its own statistics as long as the gates are 1, as they are at first.
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

// A network takes its normalization as a function; the registry makes one.
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

// What a batch looks up, without a change of the store.
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
