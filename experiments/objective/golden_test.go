package objective_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/experiments/objective"
	"github.com/reciprocalnorm/rn/experiments/verify/golden"
)

// goldenLosses returns losses and gradients that the authors' code computed.
func goldenLosses(t *testing.T) *golden.Losses {
	t.Helper()
	file, err := golden.ReadEmbedded("losses.json")
	if err != nil {
		t.Fatal(err)
	}
	return file.Losses
}

func tensorOf(a golden.Array) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(a.Data, a.Shape...)
}

// goldenTolerance is relative. The golden files round inputs to 12 digits; on the
// rounded inputs the loss of CDAN in plain float64 arithmetic is already off by
// 1.3e-12.
const goldenTolerance = 1e-11

// compareGolden compares got with want; the tolerance is relative to the largest value
// of want.
func compareGolden(t *testing.T, name string, got *tensors.Tensor, want []float64) {
	t.Helper()
	values := tensors.MustCopyFlatData[float64](got)
	if len(values) != len(want) {
		t.Fatalf("%s has %d values, want %d", name, len(values), len(want))
	}
	scale, worst := math.SmallestNonzeroFloat64, 0.0
	for i := range want {
		scale = math.Max(scale, math.Abs(want[i]))
		worst = math.Max(worst, math.Abs(values[i]-want[i]))
	}
	if !(worst <= goldenTolerance*scale) {
		t.Errorf("%s is off by %.3g with values up to %.3g, more than %.0e of them", name, worst, scale, goldenTolerance)
	}
}

func TestAdversarialGolden(t *testing.T) {
	losses := goldenLosses(t)
	for _, test := range []struct {
		name   string
		golden golden.CDANLoss
		loss   func(*model.Scope, objective.Batch, objective.Conditioning, objective.Discriminator) *Node
	}{
		{"cdan", losses.CDAN, objective.CDAN},
		{"cdan-e", losses.CDANE, objective.CDANE},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := test.golden
			out, err := model.CallOnceN(backend, model.NewStore(), func(scope *model.Scope, features, logits, w, b, lambda *Node) []*Node {
				rows := features.Shape().Dim(0) / 2
				batch := objective.Batch{
					SourceLogits: Slice(logits, AxisRange(0, rows)), TargetLogits: Slice(logits, AxisRange(rows)),
					SourceFeatures: Slice(features, AxisRange(0, rows)), TargetFeatures: Slice(features, AxisRange(rows)),
					Lambda: lambda,
				}
				// The golden discriminator does not reverse the gradient of its input: undo our reversal.
				linear := func(_ *model.Scope, x *Node) *Node {
					return Add(MatMul(objective.ReverseGradient(x, Reciprocal(lambda)), w), InsertAxes(b, 0))
				}
				l := test.loss(scope, batch, objective.MultilinearMap, linear)
				return append([]*Node{l}, Gradient(l, features, logits, w, b)...)
			}, tensorOf(c.Features), tensorOf(c.Logits), tensorOf(c.DiscW), tensorOf(c.DiscB), c.GRLCoeff)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			compareGolden(t, "loss", out[0], []float64{c.Loss})
			compareGolden(t, "gradient of features", out[1], c.GradFeatures.Data)
			compareGolden(t, "gradient of logits", out[2], c.GradLogits.Data)
			compareGolden(t, "gradient of weights", out[3], c.GradDiscW.Data)
			compareGolden(t, "gradient of bias", out[4], c.GradDiscB.Data)
		})
	}
}

func TestTargetEntropyGolden(t *testing.T) {
	c := goldenLosses(t).TargetEntropy
	out, err := model.CallOnceN(backend, model.NewStore(), func(_ *model.Scope, logits *Node) []*Node {
		l := MulScalar(objective.TargetEntropy(logits), c.Weight)
		return append([]*Node{l}, Gradient(l, logits)...)
	}, tensorOf(c.Logits))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	compareGolden(t, "loss", out[0], []float64{c.Loss})
	compareGolden(t, "gradient", out[1], c.GradLogits.Data)
}

func TestRampGolden(t *testing.T) {
	ramp := objective.DefaultRamp()
	for _, c := range goldenLosses(t).GRLCoefficient {
		if got := ramp.Coefficient(c.Iteration); math.Abs(got-c.Value) > 1e-12*c.Value {
			t.Errorf("Coefficient(%d) = %.17g, want %.17g", c.Iteration, got, c.Value)
		}
	}
}
