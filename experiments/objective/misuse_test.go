package objective_test

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

// TestMisuse checks that objectives refuse batches with missing or mismatched parts,
// and that the message names what is wrong.
func TestMisuse(t *testing.T) {
	f := func(g *Graph, dims ...int) *Node { return Zeros(g, shapes.Make(dtypes.Float32, dims...)) }
	i := func(g *Graph, dims ...int) *Node { return Zeros(g, shapes.Make(dtypes.Int32, dims...)) }
	for _, test := range []struct {
		name, objective string
		edit            func(*Graph, *objective.Batch)
		want            string
	}{
		{"no target", "dann", func(_ *Graph, b *objective.Batch) { b.TargetLogits, b.TargetFeatures = nil, nil }, "needs target rows"},
		{"no target", "cdan", func(_ *Graph, b *objective.Batch) { b.TargetLogits = nil }, "needs target rows"},
		{"no target", "cdan-e", func(_ *Graph, b *objective.Batch) { b.TargetLogits = nil }, "needs target rows"},
		{"no target", "entropy", func(_ *Graph, b *objective.Batch) { b.TargetLogits = nil }, "needs target rows"},
		{"no features", "cdan", func(_ *Graph, b *objective.Batch) { b.SourceFeatures = nil }, "no source features"},
		{"no logits", "source-only", func(_ *Graph, b *objective.Batch) { b.SourceLogits = nil }, "no logits"},
		{"no labels", "source-only", func(_ *Graph, b *objective.Batch) { b.SourceLabels = nil }, "no labels"},
		{"float labels", "source-only", func(g *Graph, b *objective.Batch) { b.SourceLabels = f(g, 4) }, "want integers [4] or [4, 1]"},
		{"too many labels", "source-only", func(g *Graph, b *objective.Batch) { b.SourceLabels = i(g, 5) }, "want integers [4] or [4, 1]"},
		{"labels [1, 4]", "source-only", func(g *Graph, b *objective.Batch) { b.SourceLabels = i(g, 1, 4) }, "want integers [4] or [4, 1]"},
		{"logits of rank 3", "source-only", func(g *Graph, b *objective.Batch) { b.SourceLogits = f(g, 4, 3, 1) }, "want floats [rows, classes]"},
		{"different classes", "entropy", func(g *Graph, b *objective.Batch) { b.TargetLogits = f(g, 6, 5) }, "differ in classes"},
		{"different widths", "dann", func(g *Graph, b *objective.Batch) { b.TargetFeatures = f(g, 6, 7) }, "differ in width"},
		{"features of rank 3", "dann", func(g *Graph, b *objective.Batch) { b.TargetFeatures = f(g, 6, 2, 1) }, "want floats [rows, features]"},
		{"different rows", "cdan-e", func(g *Graph, b *objective.Batch) { b.TargetFeatures = f(g, 5, 2) }, "differ in rows"},
		{"no lambda", "dann", func(_ *Graph, b *objective.Batch) { b.Lambda = nil }, "set Batch.Lambda"},
		{"lambda of rank 1", "cdan", func(g *Graph, b *objective.Batch) { b.Lambda = f(g, 1) }, "want a float scalar"},
		{"integer lambda", "cdan", func(g *Graph, b *objective.Batch) { b.Lambda = i(g) }, "want a float scalar"},
	} {
		t.Run(test.objective+" "+test.name, func(t *testing.T) {
			spec, err := objective.Lookup(test.objective)
			if err != nil {
				t.Fatal(err)
			}
			_, err = model.CallOnce(backend, model.NewStore(), func(scope *model.Scope, g *Graph) *Node {
				b := objective.Batch{
					SourceLogits: f(g, 4, 3), TargetLogits: f(g, 6, 3), SourceFeatures: f(g, 4, 2), TargetFeatures: f(g, 6, 2),
					SourceLabels: i(g, 4), Lambda: f(g),
				}
				test.edit(g, &b)
				return spec.New(objective.DefaultOptions())(scope, b).Task
			})
			requireError(t, err, test.want)
		})
	}
}

// TestMisuseOfParts checks the errors of the functions that objectives are made of.
func TestMisuseOfParts(t *testing.T) {
	f := func(g *Graph, dims ...int) *Node { return Zeros(g, shapes.Make(dtypes.Float32, dims...)) }
	batch := func(g *Graph) objective.Batch {
		return objective.Batch{SourceLogits: f(g, 4, 3), TargetLogits: f(g, 6, 3), SourceFeatures: f(g, 4, 2), TargetFeatures: f(g, 6, 2), Lambda: f(g)}
	}
	for _, test := range []struct {
		name  string
		build func(*model.Scope, *Graph) *Node
		want  string
	}{
		{"entropy without epsilon", func(_ *model.Scope, g *Graph) *Node { return objective.Entropy(f(g, 2, 3), 0) }, "epsilon 0"},
		{"map of different rows", func(s *model.Scope, g *Graph) *Node { return objective.MultilinearMap(s, f(g, 2, 3), f(g, 4, 3)) }, "differ in rows"},
		{"discriminator of width 0", func(s *model.Scope, g *Graph) *Node { return objective.MLP(objective.Options{})(s, f(g, 2, 3)) }, "hidden width is 0"},
		{"discriminator returns rank 1", func(s *model.Scope, g *Graph) *Node {
			return objective.DANN(s, batch(g), func(_ *model.Scope, x *Node) *Node { return ReduceSum(x, -1) })
		}, "want [10, 1]"},
		{"conditioning returns rank 3", func(s *model.Scope, g *Graph) *Node {
			cube := func(_ *model.Scope, features, _ *Node) *Node { return InsertAxes(features, 1) }
			return objective.CDAN(s, batch(g), cube, objective.MLP(objective.DefaultOptions()))
		}, "want [rows, width]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := model.CallOnce(backend, model.NewStore(), test.build)
			requireError(t, err, test.want)
		})
	}
}

func requireError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
}
