package rnlayer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// train runs a layer on a batch in training mode. A nil store is a new one.
func train(store *model.Store, x any, build func(scope *model.Scope, x *Node) *Node) (*tensors.Tensor, error) {
	if store == nil {
		store = model.NewStore()
	}
	return model.CallOnce(backend, store, func(scope *model.Scope, x *Node) *Node {
		scope.Store().SetTraining(x.Graph(), true)
		return build(scope, x)
	}, x)
}

var small = [][]float64{{1, 2, 0}, {3, 4, 5}, {5, 7, 1}, {9, 1, 2}, {4, 4, 8}, {2, 0, 1}}

func reciprocal(scope *model.Scope, x *Node) *Node {
	return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Done()
}

// TestGatesAtOneAreDomainSpecific: new gates are 1, so that RN starts as norm "ds".
func TestGatesAtOneAreDomainSpecific(t *testing.T) {
	ds, err := rnlayer.Lookup("ds")
	if err != nil {
		t.Fatal(err)
	}
	want, err := train(nil, small, ds.Norm(rnlayer.Halves(), rnlayer.DefaultOptions()))
	if err != nil {
		t.Fatal(err)
	}
	got, err := train(nil, small, reciprocal)
	if err != nil {
		t.Fatal(err)
	}
	if !got.InDelta(want, 1e-14) {
		t.Errorf("RN with new gates = %v, domain-specific = %v", got, want)
	}
}

// halfGates is RN with all gates at 0.5, so that outputs depend on both domains.
func halfGates(scope *model.Scope, x *Node) *Node {
	return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Aggregation(false).Done()
}

// TestSwappingDomainsSwapsOutputs: RN treats the two domains alike.
func TestSwappingDomainsSwapsOutputs(t *testing.T) {
	y, err := train(nil, small, halfGates)
	if err != nil {
		t.Fatal(err)
	}
	swapped, err := train(nil, slices.Concat(small[3:], small[:3]), halfGates)
	if err != nil {
		t.Fatal(err)
	}
	a, b := y.Value().([][]float64), swapped.Value().([][]float64)
	requireClose(t, "swapped", flatten(slices.Concat(b[3:], b[:3])), flatten(a), 1e-13)
}

// TestPermutingChannelsPermutesOutputs: the order of the channels does not matter.
func TestPermutingChannelsPermutesOutputs(t *testing.T) {
	permute := func(rows [][]float64) [][]float64 {
		out := make([][]float64, len(rows))
		for i, r := range rows {
			out[i] = []float64{r[2], r[0], r[1]}
		}
		return out
	}
	y, err := train(nil, small, halfGates)
	if err != nil {
		t.Fatal(err)
	}
	permuted, err := train(nil, permute(small), halfGates)
	if err != nil {
		t.Fatal(err)
	}
	requireClose(t, "permuted", flatten(permuted.Value().([][]float64)), flatten(permute(y.Value().([][]float64))), 1e-13)
}

// TestChannelsAxis: the axis of the channels does not change the outputs.
func TestChannelsAxis(t *testing.T) {
	last := [][][]float64{{{1, 2}, {3, 4}, {0, 9}}, {{5, 6}, {7, 1}, {2, 2}}}
	for axis := range 2 {
		axis++
		t.Run(fmt.Sprint(axis), func(t *testing.T) {
			y, err := train(nil, last, func(scope *model.Scope, x *Node) *Node {
				if axis == 1 {
					x = Transpose(x, 1, 2)
				}
				y := rnlayer.New(scope, x).ChannelsAxis(axis).Domains(rnlayer.Halves()).Aggregation(false).Done()
				if axis == 1 {
					y = Transpose(y, 1, 2)
				}
				return y
			})
			if err != nil {
				t.Fatal(err)
			}
			want, err := train(nil, last, halfGates)
			if err != nil {
				t.Fatal(err)
			}
			if !y.InDelta(want, 1e-13) {
				t.Errorf("channels on axis %d: %v, want %v", axis, y, want)
			}
		})
	}
}

// TestMisuse: messages name the given and the expected value.
func TestMisuse(t *testing.T) {
	for _, c := range []struct {
		name  string
		x     any
		build func(scope *model.Scope, x *Node) *Node
		want  []string
	}{
		{"no layout", small, func(s *model.Scope, x *Node) *Node { return rnlayer.New(s, x).Done() }, []string{"layout is not set", "Halves()"}},
		{"odd batch", small[:5], reciprocal, []string{"5 rows", "2 domains of equal size", "[5, 3]"}},
		{"other sizes", small, func(s *model.Scope, x *Node) *Node { return rnlayer.New(s, x).Domains(rnlayer.Sizes(2, 3)).Done() }, []string{"6 rows", "[2 3]", "5 rows in all"}},
		{"one domain", small, func(s *model.Scope, x *Node) *Node { return rnlayer.New(s, x).Domains(rnlayer.EqualSizes(1)).Done() }, []string{"at least 2 domains"}},
		{"empty domain", small, func(s *model.Scope, x *Node) *Node { return rnlayer.New(s, x).Domains(rnlayer.Sizes(6, 0)).Done() }, []string{"at least one row"}},
		{"one sample", small[:2], reciprocal, []string{"single sample", "[2, 3]", "at least two"}},
		{"groups", small, func(s *model.Scope, x *Node) *Node {
			return rnlayer.New(s, x).Domains(rnlayer.Halves()).GroupSize(2).Done()
		}, []string{"3 channels", "groups of 2"}},
		{"distance", small, func(s *model.Scope, x *Node) *Node {
			return rnlayer.New(s, x).Domains(rnlayer.Halves()).Distance("l3").Done()
		}, []string{`"l3"`, "l2"}},
		{"momentum", small, func(s *model.Scope, x *Node) *Node {
			return rnlayer.New(s, x).Domains(rnlayer.Halves()).Momentum(0).Done()
		}, []string{"momentum is 0"}},
		{"evaluation", small, func(s *model.Scope, x *Node) *Node {
			return rnlayer.New(s, x).Domains(rnlayer.Halves()).Evaluation(2).Done()
		}, []string{"domain 2", "2 domains"}},
		{"rank", []float64{1, 2}, reciprocal, []string{"2 to 5 axes"}},
		{"channels on the batch axis", small, func(s *model.Scope, x *Node) *Node {
			return rnlayer.New(s, x).Domains(rnlayer.Halves()).ChannelsAxis(0).Done()
		}, []string{"batch axis"}},
		{"integers", [][]int32{{1}, {2}}, reciprocal, []string{"float dtype"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := train(nil, c.x, c.build)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

// TestLargeMean: in float32 a mean that is a thousand times the deviation changes the
// result by no more than rounding the activations does.
func TestLargeMean(t *testing.T) {
	const mean = 1024
	near, far := make([][]float32, len(small)), make([][]float32, len(small))
	for i, row := range small {
		for _, v := range row {
			near[i], far[i] = append(near[i], float32(v)), append(far[i], float32(v)+mean) // both exact
		}
	}
	gradient := func(scope *model.Scope, x *Node) *Node {
		y := reciprocal(scope, x)
		return Stack([]*Node{y, Gradient(ReduceAllSum(Mul(Square(y), y)), x)[0]}, 0)
	}
	want, err := train(nil, near, gradient)
	if err != nil {
		t.Fatal(err)
	}
	got, err := train(nil, far, gradient)
	if err != nil {
		t.Fatal(err)
	}
	if !got.InDelta(want, 2e-3) {
		t.Errorf("at a mean of %d: %v, at none: %v", mean, got, want)
	}
}

// TestInferenceLeavesStatistics: neither inference nor Inspect moves the running
// statistics.
func TestInferenceLeavesStatistics(t *testing.T) {
	store := model.NewStore()
	if _, err := train(store, small, reciprocal); err != nil {
		t.Fatal(err)
	}
	before, err := rnlayer.Layers(store)
	if err != nil {
		t.Fatal(err)
	}
	if before[0].RunningMean[0][0] == 0 {
		t.Error("training did not move the running mean")
	}
	model.MustCallOnce(backend, store, reciprocal, small)
	if _, err := rnlayer.Inspect(backend, store, func(scope *model.Scope, in []*Node) []*Node { return []*Node{reciprocal(scope, in[0])} }, small); err != nil {
		t.Fatal(err)
	}
	after, err := rnlayer.Layers(store)
	if err != nil {
		t.Fatal(err)
	}
	requireClose(t, "running mean", flatten(after[0].RunningMean), flatten(before[0].RunningMean), 0)
}

// TestBuilder: each method of the builder sets the option of its name and no other, and
// Options sets them all.
func TestBuilder(t *testing.T) {
	rn := func() *rnlayer.Builder { return rnlayer.New(nil, nil) }
	other := rnlayer.Options{Epsilon: 1, Momentum: 1}
	for _, c := range []struct {
		name string
		got  *rnlayer.Builder
		want func(o *rnlayer.Options)
	}{
		{"nothing", rn(), func(*rnlayer.Options) {}},
		{"Options", rn().Options(other), func(o *rnlayer.Options) { *o = other }},
		{"Distance", rn().Distance(rnlayer.DistanceL1), func(o *rnlayer.Options) { o.Distance = rnlayer.DistanceL1 }},
		{"GroupSize", rn().GroupSize(3), func(o *rnlayer.Options) { o.GroupSize = 3 }},
		{"Compensation", rn().Compensation(false), func(o *rnlayer.Options) { o.Compensate = false }},
		{"Aggregation", rn().Aggregation(false), func(o *rnlayer.Options) { o.Aggregate = false }},
		{"OwnShare", rn().OwnShare(0.25), func(o *rnlayer.Options) { o.OwnShare = 0.25 }},
		{"GateMin", rn().GateMin(0.25), func(o *rnlayer.Options) { o.GateMin = 0.25 }},
		{"Share", rn().Share(rnlayer.ShareMean), func(o *rnlayer.Options) { o.Share = rnlayer.ShareMean }},
		{"Epsilon", rn().Epsilon(0.25), func(o *rnlayer.Options) { o.Epsilon = 0.25 }},
		{"Momentum", rn().Momentum(0.25), func(o *rnlayer.Options) { o.Momentum = 0.25 }},
		{"Evaluation", rn().Evaluation(rnlayer.EvalBatch), func(o *rnlayer.Options) { o.Evaluation = rnlayer.EvalBatch }},
		{"UniformScale", rn().UniformScale(true), func(o *rnlayer.Options) { o.UniformScale = true }},
	} {
		want := rnlayer.DefaultOptions()
		if c.want(&want); c.got.Settings() != want {
			t.Errorf("%s sets %+v, want %+v", c.name, c.got.Settings(), want)
		}
	}
}

// TestBatchEvaluation: EvalBatch normalizes with the statistics of the batch itself.
func TestBatchEvaluation(t *testing.T) {
	y := model.MustCallOnce(backend, model.NewStore(), func(scope *model.Scope, x *Node) *Node {
		return rnlayer.New(scope, x).Domains(rnlayer.Halves()).Evaluation(rnlayer.EvalBatch).Done()
	}, [][]float64{{1}, {3}, {5}})
	requireClose(t, "y", flatten(y.Value().([][]float64)), []float64{-1, 0, 1}, 1e-4)
}

// TestGateProjection: after an optimizer's step gates are in their range, and no other
// variable is clamped.
func TestGateProjection(t *testing.T) {
	for _, lo := range []float64{0.5, 0.25} {
		store := model.NewStore()
		sgd := rnlayer.WithGateProjection(optimizer.StochasticGradientDescent().WithLearningRate(100).WithDecay(false).Done())
		_, err := train(store, small, func(scope *model.Scope, x *Node) *Node {
			y := rnlayer.New(scope.In("a"), x).Domains(rnlayer.Halves()).GateMin(lo).Done()
			loss := ReduceAllSum(Mul(Square(y), y))
			sgd.UpdateGraph(scope, x.Graph(), loss)
			return loss
		})
		if err != nil {
			t.Fatal(err)
		}
		layers, err := rnlayer.Layers(store)
		if err != nil {
			t.Fatal(err)
		}
		atEnd, moved := false, false
		for _, a := range append(flatten(layers[0].MeanGates), flatten(layers[0].VarianceGates)...) {
			if a < lo || a > 1 {
				t.Errorf("gate %g is outside [%g, 1]", a, lo)
			}
			atEnd = atEnd || a == lo
		}
		for _, v := range tensors.MustCopyFlatData[float64](store.GetVariable("/a/norm/scale").MustValue()) {
			moved = moved || v < 0 || v > 1
		}
		if !atEnd || !moved {
			t.Errorf("the step was too small to test projection: a gate at %g is %v, a scale outside is %v", lo, atEnd, moved)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, s := range rnlayer.All() {
		if found, err := rnlayer.Lookup(s.Name); err != nil || found.Name != s.Name || s.Summary == "" || s.Reference == "" {
			t.Errorf("Lookup(%q) = %+v, %v", s.Name, found, err)
		}
	}
	if _, err := rnlayer.Lookup("nope"); err == nil || !strings.Contains(err.Error(), "bn, adabn, ds, dsbn, autodial, transnorm, dwt, rn") {
		t.Errorf("unknown norm: %v", err)
	}
}

func TestEvaluationText(t *testing.T) {
	for _, e := range []rnlayer.Evaluation{rnlayer.EvalSource, rnlayer.EvalTarget, rnlayer.EvalBatch, 3} {
		text, err := e.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back rnlayer.Evaluation
		if err := back.UnmarshalText(text); err != nil || back != e {
			t.Errorf("%d was written %q and read %d, %v", int(e), text, int(back), err)
		}
	}
	var e rnlayer.Evaluation
	if err := e.UnmarshalText([]byte("sorce")); err == nil {
		t.Error("no error for a name that does not exist")
	}
}
