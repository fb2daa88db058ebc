package objective_test

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

// An objective turns the outputs of a network for a batch into the losses to
// minimize.
func Example() {
	spec, err := objective.Lookup("entropy")
	if err != nil {
		fmt.Println(err)
		return
	}
	loss := spec.New(objective.DefaultOptions())
	build := func(scope *model.Scope, sourceLogits, labels, targetLogits *graph.Node) (task, transfer *graph.Node) {
		l := loss(scope.In("objective"), objective.Batch{
			SourceLogits: sourceLogits, SourceLabels: labels, TargetLogits: targetLogits,
		})
		return l.Task, l.Transfer
	}
	out, err := model.CallOnceN(compute.MustNew(), model.NewStore(), build,
		[][]float32{{0, 0}, {0, 0}}, []int32{0, 1}, // two source images of classes 0 and 1
		[][]float32{{0, 0}, {0, 0}, {9, 0}}) // three target images, the last one certain
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("cross-entropy %.4f, 0.1 · target entropy %.4f\n", out[0].Value(), out[1].Value())
	// Output: cross-entropy 0.6931, 0.1 · target entropy 0.0463
}

func ExampleLookup() {
	spec, err := objective.Lookup("cdan-e")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(spec.Name, "trains a discriminator:", spec.Adversarial)
	// Output: cdan-e trains a discriminator: true
}

// CDAN takes any function as its discriminator.
func ExampleCDAN() {
	undecided := func(_ *model.Scope, x *graph.Node) *graph.Node {
		return graph.MulScalar(graph.ReduceAndKeep(x, graph.ReduceSum, -1), 0) // logit 0
	}
	loss, err := model.CallOnce(compute.MustNew(), model.NewStore(), func(scope *model.Scope, logits, features, lambda *graph.Node) *graph.Node {
		source, target := graph.AxisRange(0, 1), graph.AxisRange(1)
		return objective.CDAN(scope, objective.Batch{
			SourceLogits: graph.Slice(logits, source), TargetLogits: graph.Slice(logits, target),
			SourceFeatures: graph.Slice(features, source), TargetFeatures: graph.Slice(features, target),
			Lambda: lambda,
		}, objective.MultilinearMap, undecided)
	}, [][]float32{{1, 0}, {0, 1}}, [][]float32{{1, 2, 3}, {4, 5, 6}}, float32(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", loss.Value())
	// Output: 0.6931
}

func ExampleRamp() {
	ramp := objective.DefaultRamp()
	for _, iteration := range []int{0, 1000, 5000, 10000} {
		fmt.Printf("%5d %.4f\n", iteration, ramp.Coefficient(iteration))
	}
	// Output:
	//     0 0.0000
	//  1000 0.4621
	//  5000 0.9866
	// 10000 0.9999
}
