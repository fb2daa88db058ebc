package sgd_test

import (
	"encoding/json"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/sgd"
)

// The head trains ten times as fast as the rest.
func Example() {
	config := sgd.Default()
	config.LearningRate = 0.1
	config.WeightDecay = 0
	config.Rules = []sgd.Rule{{Prefix: "/head", LearningRate: 10, WeightDecay: 1}}
	optimizer, err := sgd.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	store := model.NewStore()
	_, err = model.CallOnce(compute.MustNew(), store, func(scope *model.Scope, g *graph.Graph) *graph.Node {
		body := scope.In("body").VariableWithValue("w", float32(5)).NodeValue(g)
		head := scope.In("head").VariableWithValue("w", float32(5)).NodeValue(g)
		loss := graph.Add(body, head) // both gradients are 1
		optimizer.UpdateGraph(scope, g, loss)
		return loss
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for v := range store.IterVariables() {
		if v.Trainable {
			fmt.Printf("%s %.2f\n", v.Path(), v.MustValue().Value())
		}
	}
	// Output:
	// /body/w 4.81
	// /head/w 3.10
}

func ExampleConfig_Rate() {
	for _, iteration := range []int{0, 1000, 20000} {
		fmt.Printf("%5d %.6f\n", iteration, sgd.Default().Rate(iteration))
	}
	// Output:
	//     0 0.001000
	//  1000 0.000595
	// 20000 0.000102
}

// Multipliers that JSON omits are 1.
func ExampleRule() {
	var rule sgd.Rule
	if err := json.Unmarshal([]byte(`{"prefix": "/objective/discriminator", "learning_rate": 10}`), &rule); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", rule)
	// Output: {Prefix:/objective/discriminator Name: LearningRate:10 WeightDecay:1}
}
