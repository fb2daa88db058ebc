package objective_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
)

// TestNarrowInputs checks 16-bit inputs: losses and variables are float32, and the
// gradients of the inputs keep their dtype.
func TestNarrowInputs(t *testing.T) {
	o := objective.Options{TransferWeight: 1, EntropyWeight: 0.1, DiscriminatorHidden: hidden, RandomDim: 5}
	in := newInputs()
	for _, spec := range objective.All() {
		wantTask := newUnderTest(t, spec.Name, o).evaluate(t, in).task
		store, loss := seededStore(t, 1), spec.New(o)
		out, err := model.CallOnceN(backend, store, func(scope *model.Scope, sl, tl, sf, tf, labels *Node) []*Node {
			narrow := func(x *Node) *Node { return ConvertDType(x, dtypes.BFloat16) }
			b := objective.Batch{
				SourceLogits: narrow(sl), TargetLogits: narrow(tl), SourceFeatures: narrow(sf), TargetFeatures: narrow(tf),
				SourceLabels: labels, Lambda: Scalar(sl.Graph(), dtypes.Float32, 0.5),
			}
			l := loss(scope, b)
			total := l.Task
			if l.Transfer != nil {
				total = Add(total, l.Transfer)
			}
			return []*Node{l.Task, total, Gradient(total, b.SourceLogits)[0]}
		}, in.sourceLogits, in.targetLogits, in.sourceFeatures, in.targetFeatures, in.labels)
		if err != nil {
			t.Errorf("%s: %+v", spec.Name, err)
			continue
		}
		if got := [3]dtypes.DType{out[0].DType(), out[1].DType(), out[2].DType()}; got != [3]dtypes.DType{dtypes.Float32, dtypes.Float32, dtypes.BFloat16} {
			t.Errorf("%s: dtypes of task, total and gradient are %v", spec.Name, got)
		} else if task := float64(tensors.ToScalar[float32](out[0])); math.Abs(task-wantTask) > 0.02*wantTask {
			t.Errorf("%s: the cross-entropy is %g for 16-bit logits and %g for 64-bit logits", spec.Name, task, wantTask)
		}
		for v := range store.IterVariables() {
			if v.DType() == dtypes.BFloat16 {
				t.Errorf("%s: %s has dtype bfloat16", spec.Name, v.Path())
			}
		}
	}
}
