package rnlayer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// peer returns a norm of the registry for the layout Halves.
func peer(t *testing.T, name string) rnlayer.Norm {
	t.Helper()
	spec, err := rnlayer.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return spec.Norm(rnlayer.Halves(), rnlayer.DefaultOptions())
}

// randomRows returns rows with correlated channels, shifted by domain.
func randomRows(domains, rows, channels int, seed uint64) [][]float64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	var out [][]float64
	for d := range domains {
		for range rows {
			row := make([]float64, channels)
			for c := range row {
				row[c] = float64(d) + 0.2*float64(c) + rng.NormFloat64()*(1+0.1*float64(c))
				if c > 0 {
					row[c] += 0.5 * row[c-1]
				}
			}
			out = append(out, row)
		}
	}
	return out
}

// outputs returns the normalized rows of one training step.
func outputs(t *testing.T, store *model.Store, norm rnlayer.Norm, rows [][]float64) [][]float64 {
	t.Helper()
	y, err := train(store, rows, norm)
	if err != nil {
		t.Fatal(err)
	}
	return y.Value().([][]float64)
}

// TestPeersSwapDomains: every norm treats the domains alike, so that swapping them swaps
// the outputs.
func TestPeersSwapDomains(t *testing.T) {
	x := randomRows(2, 7, 8, 1)
	for _, s := range rnlayer.All() {
		t.Run(s.Name, func(t *testing.T) {
			y := outputs(t, withAlpha(t, 0.7), peer(t, s.Name), x)
			swapped := outputs(t, withAlpha(t, 0.7), peer(t, s.Name), slices.Concat(x[7:], x[:7]))
			requireClose(t, "swapped", flatten(slices.Concat(swapped[7:], swapped[:7])), flatten(y), 1e-12)
		})
	}
}

// withAlpha returns a store with AutoDIAL's α, which other norms do not read.
func withAlpha(t *testing.T, alpha float64) *model.Store {
	t.Helper()
	store := model.NewStore()
	if _, err := store.CreateVariable("/norm/"+rnlayer.VarAlpha, tensors.FromValue(alpha)); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestPeersPermuteChannels: the order of channels, for DWT of groups of channels, does
// not matter.
func TestPeersPermuteChannels(t *testing.T) {
	x := randomRows(2, 7, 8, 2)
	permute := func(rows [][]float64) [][]float64 {
		out := make([][]float64, len(rows))
		for i, r := range rows {
			out[i] = slices.Concat(r[4:], r[:4])
		}
		return out
	}
	for _, s := range rnlayer.All() {
		t.Run(s.Name, func(t *testing.T) {
			y := outputs(t, withAlpha(t, 0.7), peer(t, s.Name), x)
			permuted := outputs(t, withAlpha(t, 0.7), peer(t, s.Name), permute(x))
			requireClose(t, "permuted", flatten(permuted), flatten(permute(y)), 1e-12)
		})
	}
}

// TestPeersChannelsFirst: the axis of the channels does not change the outputs.
func TestPeersChannelsFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	x := make([]float64, 6*3*8)
	for i := range x {
		x[i] = rng.NormFloat64() * float64(1+i%8)
	}
	for _, name := range []string{"autodial", "transnorm", "dwt"} {
		t.Run(name, func(t *testing.T) {
			input := tensors.FromFlatDataAndDimensions(x, 6, 3, 8)
			last, err := train(withAlpha(t, 0.7), input, peer(t, name))
			if err != nil {
				t.Fatal(err)
			}
			first, err := train(withAlpha(t, 0.7), input, func(scope *model.Scope, x *Node) *Node {
				y := rnlayer.BuildOnAxis(name, scope, Transpose(x, 1, 2), 1, rnlayer.Halves(), rnlayer.DefaultOptions())
				return Transpose(y, 1, 2)
			})
			if err != nil {
				t.Fatal(err)
			}
			if !first.InDelta(last, 1e-12) {
				t.Error("channels first and last differ")
			}
		})
	}
}

// TestAlphaAtOneIsDomainSpecific: AutoDIAL starts as one batch norm for each domain; at
// α = 1/2 the domains have the same statistics.
func TestAlphaAtOneIsDomainSpecific(t *testing.T) {
	x := randomRows(2, 6, 3, 4)
	got := outputs(t, nil, peer(t, "autodial"), x)
	requireClose(t, "new AutoDIAL", flatten(got), flatten(outputs(t, nil, peer(t, "dsbn"), x)), 1e-13)
	requireClose(t, "new AdaBN", flatten(outputs(t, nil, peer(t, "adabn"), x)), flatten(got), 1e-13)
	// With as many rows in each domain the mixture at 1/2 is the whole batch.
	half := outputs(t, withAlpha(t, 0.5), peer(t, "autodial"), x)
	requireClose(t, "α = 1/2", flatten(half), flatten(outputs(t, nil, peer(t, "bn"), x)), 1e-13)
}

// TestAdaBNSourceDoesNotSeeTarget: source rows are normalized as if they were alone.
func TestAdaBNSourceDoesNotSeeTarget(t *testing.T) {
	x := randomRows(2, 6, 3, 5)
	joint := outputs(t, nil, peer(t, "adabn"), x)
	alone := outputs(t, nil, peer(t, "bn"), x[:6])
	requireClose(t, "source", flatten(joint[:6]), flatten(alone), 1e-13)
}

// TestTransferabilitySumsToChannels: TransNorm is batch norm times 1 + α. α is the same
// for both domains, sums to C, and is largest where the domains agree.
func TestTransferabilitySumsToChannels(t *testing.T) {
	x := randomRows(2, 6, 5, 6)
	for i := range 6 { // the domains agree in channel 2
		x[i+6][2] = x[i][2]
	}
	got, plain := outputs(t, nil, peer(t, "transnorm"), x), outputs(t, nil, peer(t, "adabn"), x)
	var alpha []float64
	sum := 0.0
	for c := range 5 {
		alpha = append(alpha, got[0][c]/plain[0][c]-1)
		sum += alpha[c]
		for i := range x {
			requireClose(t, "the same gain in every row", []float64{got[i][c]}, []float64{plain[i][c] * (1 + alpha[c])}, 1e-10)
		}
	}
	requireClose(t, "sum of α", []float64{sum}, []float64{5}, 1e-12)
	if slices.Max(alpha) != alpha[2] || slices.Min(alpha) > 0.95*alpha[2] {
		t.Errorf("α %v: want the largest for the channel that the domains agree in", alpha)
	}
}

// TestWhitened: before γ and β the covariance of each group is the identity up to
// ε = 1e-3, and channels of different groups stay correlated.
func TestWhitened(t *testing.T) {
	const n, channels = 400, 8
	y := outputs(t, nil, peer(t, "dwt"), randomRows(2, n, channels, 7))
	largestBetween := 0.0
	for d := range 2 {
		part := y[d*n : (d+1)*n]
		for i := range channels {
			for j := range channels {
				covariance, mean := 0.0, 0.0
				for _, row := range part {
					covariance += row[i] * row[j] / n
					mean += row[i] / n
				}
				if math.Abs(mean) > 1e-12 {
					t.Errorf("domain %d: mean of channel %d is %g", d, i, mean)
				}
				want := 0.0
				if i == j {
					want = 1
				}
				switch {
				case i/4 != j/4:
					largestBetween = max(largestBetween, math.Abs(covariance))
				case math.Abs(covariance-want) > 5e-3:
					t.Errorf("domain %d: covariance of channels %d and %d is %g", d, i, j, covariance)
				}
			}
		}
	}
	if largestBetween < 0.1 {
		t.Errorf("groups are whitened together: largest covariance between them %g", largestBetween)
	}
}

// TestPretrainedWhitening: with the running mean and variance of a batch norm, DWT starts
// as this batch norm, up to ε.
func TestPretrainedWhitening(t *testing.T) {
	store := model.NewStore()
	for name, row := range map[string][]float64{rnlayer.VarRunningMean: {1, 2, 3, 4}, rnlayer.VarRunningVariance: {4, 9, 1, 0.25}} {
		if _, err := store.CreateVariable("/norm/"+name, tensors.FromValue([][]float64{row, row})); err != nil {
			t.Fatal(err)
		}
	}
	y := model.MustCallOnce(backend, store, peer(t, "dwt"), [][]float64{{3, 5, 2, 4.5}})
	var want []float64
	for i, x := range []float64{2, 3, -1, 0.5} {
		want = append(want, x/math.Sqrt(0.999*[]float64{4, 9, 1, 0.25}[i]+0.001))
	}
	requireClose(t, "y", y.Value().([][]float64)[0], want, 1e-13)
}

// TestPeersBatchEvaluation: EvalBatch normalizes rows like one domain of a training
// batch.
func TestPeersBatchEvaluation(t *testing.T) {
	x := randomRows(2, 9, 4, 8)
	for _, name := range []string{"adabn", "autodial", "dwt"} {
		want := outputs(t, nil, peer(t, name), x)[:9]
		spec, err := rnlayer.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		o := rnlayer.DefaultOptions()
		o.Evaluation = rnlayer.EvalBatch
		y := model.MustCallOnce(backend, model.NewStore(), spec.Norm(rnlayer.Halves(), o), x[:9])
		requireClose(t, name, flatten(y.Value().([][]float64)), flatten(want), 1e-12)
	}
}

// TestAlphaProjection: an optimizer's step leaves α in the gates' range, at either end.
func TestAlphaProjection(t *testing.T) {
	x := randomRows(2, 6, 3, 9)
	for _, c := range []struct{ lo, rate, want float64 }{{0.5, 100, 0.5}, {0.25, 100, 0.25}, {0.5, -100, 1}} {
		store := withAlpha(t, 0.9)
		o := rnlayer.DefaultOptions()
		o.GateMin = c.lo
		spec, err := rnlayer.Lookup("autodial")
		if err != nil {
			t.Fatal(err)
		}
		sgd := rnlayer.WithGateProjection(optimizer.StochasticGradientDescent().WithLearningRate(1).WithDecay(false).Done())
		_, err = train(store, x, func(scope *model.Scope, x *Node) *Node {
			spec.Norm(rnlayer.Halves(), o)(scope, x)
			loss := MulScalar(store.GetVariable("/norm/"+rnlayer.VarAlpha).NodeValue(x.Graph()), c.rate)
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
		if got := layers[0].Alpha[0][0]; got != c.want {
			t.Errorf("α is %g after a step of %g, want %g", got, -c.rate, c.want)
		}
	}
}

// TestAffine: inference equals Scale·x + Shift, for every norm, domain and number of
// domains.
func TestAffine(t *testing.T) {
	for _, s := range rnlayer.All() {
		for _, domains := range []int{2, 3} {
			t.Run(fmt.Sprint(s.Name, " ", domains), func(t *testing.T) {
				store, layout := model.NewStore(), rnlayer.EqualSizes(domains)
				o := rnlayer.DefaultOptions()
				o.UniformScale = true
				x := randomRows(domains, 5, 4, 10)
				outputs(t, store, s.Norm(layout, o), x)
				offset := store.GetVariable("/norm/" + rnlayer.VarOffset)
				shifts := flatten(randomRows(1, 1, offset.Shape().Size(), 11))
				if err := offset.SetValue(tensors.FromFlatDataAndDimensions(shifts, offset.Shape().Dimensions...)); err != nil {
					t.Fatal(err)
				}
				layers, err := rnlayer.Layers(store)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range []rnlayer.Evaluation{rnlayer.EvalTarget, rnlayer.EvalSource, 1} {
					o.Evaluation = e
					a, err := s.Affine(layers[0], o)
					if s.Name == "dwt" {
						if err == nil || !strings.Contains(err.Error(), `"dwt" mixes the channels`) || !strings.Contains(err.Error(), "/norm") {
							t.Errorf("error %v", err)
						}
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					y := model.MustCallOnce(backend, store, s.Norm(layout, o), x).Value().([][]float64)
					var want []float64
					for _, row := range x {
						for c, v := range row {
							want = append(want, v*a.Scale[c]+a.Shift[c])
						}
					}
					requireClose(t, "inference with "+e.String(), flatten(y), want, 1e-12)
				}
				o.Evaluation = rnlayer.EvalBatch
				if _, err := s.Affine(layers[0], o); err == nil {
					t.Error("no error for the statistics of a batch")
				}
			})
		}
	}
	frozen := rnlayer.Layer{
		Scale: [][]float64{{2}}, Offset: [][]float64{{1}}, RunningMean: [][]float64{{3}}, RunningVariance: [][]float64{{4}},
	}
	o := rnlayer.DefaultOptions()
	for _, s := range rnlayer.All() {
		a, err := s.Affine(frozen, o)
		if err != nil {
			t.Fatal(err)
		}
		scale := 2 / math.Sqrt(4+o.Epsilon)
		requireClose(t, s.Name+" frozen", []float64{a.Scale[0], a.Shift[0]}, []float64{scale, 1 - 3*scale}, 1e-14)
	}
	if _, err := rnlayer.All()[0].Affine(rnlayer.Layer{Path: "/a/norm"}, o); err == nil || !strings.Contains(err.Error(), "/a/norm") {
		t.Errorf("a layer without values: %v", err)
	}
}

// TestPeersMisuse: messages name the given value.
func TestPeersMisuse(t *testing.T) {
	for _, c := range []struct {
		name, norm string
		x          [][]float64
		want       []string
	}{
		{"groups", "dwt", randomRows(2, 3, 6, 11), []string{"6 channels", "whitening groups of 4", "[6, 6]"}},
		{"one sample", "dwt", randomRows(2, 1, 4, 11), []string{"single sample"}},
		{"one sample", "autodial", randomRows(2, 1, 4, 11), []string{"single sample"}},
		{"one sample", "transnorm", randomRows(2, 1, 4, 11), []string{"single sample"}},
		{"odd batch", "adabn", randomRows(1, 5, 4, 11), []string{"5 rows", "2 domains of equal size"}},
	} {
		t.Run(c.norm+" "+c.name, func(t *testing.T) {
			_, err := train(nil, c.x, peer(t, c.norm))
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
