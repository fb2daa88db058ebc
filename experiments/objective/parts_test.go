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

// domainLosses returns the loss of DANN for one row of each domain with the given
// discriminator logits, and its gradient with respect to them without reversal.
func domainLosses(t *testing.T, dtype dtypes.DType, source, target float64) (loss float64, gradient []float64) {
	t.Helper()
	out, err := model.CallOnceN(backend, model.NewStore(), func(scope *model.Scope, g *Graph) []*Node {
		z := ConvertDType(Const(g, [][]float64{{source}, {target}}), dtype)
		b := objective.Batch{
			SourceLogits: Slice(z, AxisElem(0)), TargetLogits: Slice(z, AxisElem(1)),
			SourceFeatures: Slice(z, AxisElem(0)), TargetFeatures: Slice(z, AxisElem(1)), Lambda: Scalar(g, dtype, -1),
		}
		l := objective.DANN(scope, b, func(_ *model.Scope, x *Node) *Node { return x })
		return []*Node{ConvertDType(l, dtypes.Float64), ConvertDType(Gradient(l, z)[0], dtypes.Float64)}
	})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return tensors.ToScalar[float64](out[0]), tensors.MustCopyFlatData[float64](out[1])
}

// TestDomainLoss compares the loss with −log σ(z) and −log(1 − σ(z)) in float64, and
// checks that float32 neither overflows nor vanishes for logits where these formulas
// do.
func TestDomainLoss(t *testing.T) {
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	for _, z := range [][2]float64{{0, 0}, {1, -1}, {-2.5, 3.5}, {8, 8}, {-15, 12}} {
		loss, gradient := domainLosses(t, dtypes.Float64, z[0], z[1])
		want := -(math.Log(sigmoid(z[0])) + math.Log(sigmoid(-z[1]))) / 2
		if math.Abs(loss-want) > 1e-12*want {
			t.Errorf("loss of %v = %.17g, want %.17g", z, loss, want)
		}
		for i, want := range []float64{(sigmoid(z[0]) - 1) / 2, sigmoid(z[1]) / 2} {
			if math.Abs(gradient[i]-want) > 1e-12*math.Abs(want) {
				t.Errorf("gradient %d of %v = %.17g, want %.17g", i, z, gradient[i], want)
			}
		}
	}
	for _, test := range []struct{ source, target, loss, sourceGradient, targetGradient float64 }{
		{-1e4, 1e4, 1e4, -0.5, 0.5},
		{1e4, -1e4, 0, 0, 0},
		{30, -30, math.Exp(-30), -math.Exp(-30) / 2, math.Exp(-30) / 2},
	} {
		loss, gradient := domainLosses(t, dtypes.Float32, test.source, test.target)
		if math.Abs(loss-test.loss) > 1e-6*test.loss {
			t.Errorf("float32 loss of %g, %g = %g, want %g", test.source, test.target, loss, test.loss)
		}
		for i, want := range []float64{test.sourceGradient, test.targetGradient} {
			// The derivative σ(30) − 1 is a difference in float32, which cannot get closer than 0.
			if math.Abs(gradient[i]-want) > 1e-7 {
				t.Errorf("float32 gradient %d of %g, %g = %g, want %g", i, test.source, test.target, gradient[i], want)
			}
		}
	}
}

func TestCrossEntropy(t *testing.T) {
	logits := normal(1, 5, 4)
	labels := []int32{3, 0, 2, 2, 1}
	want := 0.0
	for i, row := range logits {
		want += (logSumExp(row) - row[labels[i]]) / 5
	}
	for name, labels := range map[string]any{
		"int32":         labels,
		"int64, column": [][]int64{{3}, {0}, {2}, {2}, {1}},
		"uint8, column": [][]uint8{{3}, {0}, {2}, {2}, {1}},
	} {
		if got := crossEntropy(t, logits, labels); math.Abs(got-want) > 1e-14*want {
			t.Errorf("%s: cross-entropy %.17g, want %.17g", name, got, want)
		}
	}
}

// TestCrossEntropyNarrowLabels has more classes than the labels' dtype can count.
func TestCrossEntropyNarrowLabels(t *testing.T) {
	logits := normal(2, 2, 300)
	want := (logSumExp(logits[0]) - logits[0][3] + logSumExp(logits[1]) - logits[1][200]) / 2
	if got := crossEntropy(t, logits, []uint8{3, 200}); math.Abs(got-want) > 1e-14*want {
		t.Errorf("cross-entropy %.17g, want %.17g", got, want)
	}
}

func crossEntropy(t *testing.T, logits [][]float64, labels any) float64 {
	t.Helper()
	out, err := CallOnce(backend, objective.CrossEntropy, logits, labels)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return tensors.ToScalar[float64](out)
}

func logSumExp(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v)
	}
	return math.Log(sum)
}

func softmax(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Exp(v - logSumExp(x))
	}
	return out
}

// TestEntropy checks the two extremes, a uniform and a certain prediction, and that
// the gradient is finite at both.
func TestEntropy(t *testing.T) {
	out, err := CallOnceN(backend, func(p *Node) []*Node {
		h := objective.Entropy(p, 1e-5)
		return []*Node{h, Gradient(ReduceAllSum(h), p)[0]}
	}, [][]float64{{0.25, 0.25, 0.25, 0.25}, {1, 0, 0, 0}})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	h := tensors.MustCopyFlatData[float64](out[0])
	for i, want := range []float64{-math.Log(0.25 + 1e-5), -math.Log(1 + 1e-5)} {
		if math.Abs(h[i]-want) > 1e-15 {
			t.Errorf("entropy of row %d = %.17g, want %.17g", i, h[i], want)
		}
	}
	for i, v := range tensors.MustCopyFlatData[float64](out[1]) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("gradient %d is %g", i, v)
		}
	}
}

func TestMultilinearMap(t *testing.T) {
	out, err := model.CallOnce(backend, model.NewStore(), objective.MultilinearMap, [][]float64{{1, 2, 3}}, [][]float64{{0.25, 0.75}})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if want := tensors.FromValue([][]float64{{0.25, 0.5, 0.75, 0.75, 1.5, 2.25}}); !want.Equal(out) {
		t.Errorf("map = %v, want %v: features vary fastest", out, want)
	}
}

// TestRandomLayer compares the layer with the formula on the matrices that it drew. The
// matrices must be standard normal, not trainable, and the same in the next call.
func TestRandomLayer(t *testing.T) {
	const dim = 64
	features, p := normal(3, 4, 30), normal(4, 4, 20)
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(5); err != nil {
		t.Fatal(err)
	}
	exec := model.MustNewExec(backend, store, func(scope *model.Scope, features, p *Node) *Node {
		return objective.RandomLayer(dim)(scope, features, p)
	})
	got := exec.MustCall1(features, p)
	if again := exec.MustCall1(features, p); !again.Equal(got) {
		t.Error("the second call draws other matrices")
	}
	matrices := map[string][]float64{}
	for _, name := range []string{"features", "predictions"} {
		v := store.GetVariable("/random_layer/" + name)
		if v == nil {
			t.Fatalf("no variable %q", name)
		}
		if v.Trainable {
			t.Errorf("%s is trainable", v.Path())
		}
		r := tensors.MustCopyFlatData[float64](v.MustValue())
		matrices[name] = r
		mean, square := 0.0, 0.0
		for _, x := range r {
			mean += x / float64(len(r))
			square += x * x / float64(len(r))
		}
		if n := float64(len(r)); math.Abs(mean) > 4/math.Sqrt(n) || math.Abs(square-1) > 4*math.Sqrt(2/n) {
			t.Errorf("%s has mean %.3f and mean square %.3f, want 0 and 1", name, mean, square)
		}
	}
	values := tensors.MustCopyFlatData[float64](got)
	for n := range features {
		for d := range dim {
			f, q := 0.0, 0.0
			for i, x := range features[n] {
				f += x * matrices["features"][i*dim+d]
			}
			for i, x := range p[n] {
				q += x * matrices["predictions"][i*dim+d]
			}
			if want := f * q / 8; math.Abs(values[n*dim+d]-want) > 1e-12 {
				t.Fatalf("row %d, output %d = %.17g, want %.17g", n, d, values[n*dim+d], want)
			}
		}
	}
}
