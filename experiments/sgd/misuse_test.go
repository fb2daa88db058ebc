package sgd_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/sgd"
)

func TestMisuse(t *testing.T) {
	one := func(shape ...int) func(g *Graph) *Node {
		return func(g *Graph) *Node { return Ones(g, shapes.Make(dtypes.Float64, shape...)) }
	}
	for _, test := range []struct {
		name  string
		rules []sgd.Rule
		step  func(*sgd.Optimizer, *model.Scope, *Graph, *Node)
		want  string
	}{
		{
			"loss of rank 1", nil,
			func(o *sgd.Optimizer, s *model.Scope, g *Graph, l *Node) { o.UpdateGraph(s, g, InsertAxes(l, 0)) },
			"want a scalar",
		},
		{
			"too few gradients", nil,
			func(o *sgd.Optimizer, s *model.Scope, g *Graph, l *Node) {
				o.UpdateGraphWithGradients(s, []*Node{one(3)(g)}, l.DType())
			},
			"1 gradients for 4 trainable variables",
		},
		{
			"no gradients", nil,
			func(o *sgd.Optimizer, s *model.Scope, _ *Graph, l *Node) {
				o.UpdateGraphWithGradients(s, nil, l.DType())
			},
			"no trainable variable",
		},
		{
			"scope without variables", nil,
			func(o *sgd.Optimizer, s *model.Scope, g *Graph, l *Node) { o.UpdateGraph(s.In("elsewhere"), g, l) },
			`"/elsewhere" has no trainable variable`,
		},
		{
			"gradients in the wrong order", nil,
			func(o *sgd.Optimizer, s *model.Scope, g *Graph, l *Node) {
				o.UpdateGraphWithGradients(s, []*Node{one(1)(g), one(3)(g), one(2)(g), one(2)(g)}, l.DType())
			},
			`but variable "/model/body/weights" has shape`,
		},
		{"prefix with a typo", []sgd.Rule{{Prefix: "/model/haed", LearningRate: 10, WeightDecay: 1}}, update, `prefix "/model/haed", name "" matches none`},
		{"prefix ends within a path element", []sgd.Rule{{Prefix: "/model/hea", LearningRate: 10, WeightDecay: 1}}, update, "matches none"},
		{"prefix without the root", []sgd.Rule{{Prefix: "model/head", LearningRate: 10, WeightDecay: 1}}, update, `such as "/model/body/weights"`},
		{"name outside the prefix", []sgd.Rule{{Prefix: "/model/body", Name: "gate", LearningRate: 1, WeightDecay: 0}}, update, `prefix "/model/body", name "gate" matches none`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := sgd.Default()
			c.Rules = test.rules
			opt := newOptimizer(t, c)
			_, err := model.CallOnce(backend, model.NewStore(), func(scope *model.Scope, g *Graph) *Node {
				loss := sample.loss(scope, g)
				test.step(opt, scope, g, loss)
				return loss
			})
			requireError(t, err, test.want)
		})
	}
}

func update(o *sgd.Optimizer, scope *model.Scope, g *Graph, loss *Node) {
	o.UpdateGraph(scope, g, loss)
}
