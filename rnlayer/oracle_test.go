package rnlayer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/reciprocalnorm/rn/rnlayer"
	"github.com/reciprocalnorm/rn/rnlayer/internal/oracle"
)

// layerCase describes a layer and its batch, for package rnlayer and for the oracle.
type layerCase struct {
	name  string
	norm  string
	dims  []int // of a row, channels last
	sizes []int
	edit  func(o *rnlayer.Options, c *oracle.Config)
}

var layerCases = []layerCase{
	{name: "rn 2-D", norm: "rn", dims: []int{6}, sizes: []int{5, 5}},
	{name: "rn 3-D", norm: "rn", dims: []int{3, 6}, sizes: []int{2, 2}},
	{name: "rn 4-D", norm: "rn", dims: []int{2, 3, 5}, sizes: []int{3, 3}},
	{name: "rn 5-D", norm: "rn", dims: []int{2, 2, 3, 4}, sizes: []int{2, 2}},
	{name: "rn unequal", norm: "rn", dims: []int{2, 2, 4}, sizes: []int{2, 5}},
	{name: "rn 3 domains", norm: "rn", dims: []int{5}, sizes: []int{4, 4, 4}},
	{name: "rn 3 unequal domains", norm: "rn", dims: []int{5}, sizes: []int{4, 2, 6}},
	{name: "rn l1", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: distance(rnlayer.DistanceL1, oracle.L1)},
	{name: "rn dot", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: distance(rnlayer.DistanceDot, oracle.Dot)},
	{name: "rn cosine", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: distance(rnlayer.DistanceCosine, oracle.Cosine)},
	{name: "rn groups", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: groups(2)},
	{name: "rn groups cosine", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: both(groups(3), distance(rnlayer.DistanceCosine, oracle.Cosine))},
	{name: "rn paper's groups", norm: "rn", dims: []int{1024}, sizes: []int{3, 3}, edit: groups(2)},
	{name: "rc only", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: fixedShare(0.5)},
	{name: "rc only, full replacement", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: fixedShare(0)},
	{name: "ra only", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: sameChannel},
	{name: "ra only, 3 domains", norm: "rn", dims: []int{6}, sizes: []int{5, 4, 3}, edit: sameChannel},
	{name: "mean only", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: share(rnlayer.ShareMean, oracle.MeanOnly)},
	{name: "variance only", norm: "rn", dims: []int{6}, sizes: []int{5, 5}, edit: share(rnlayer.ShareVariance, oracle.VarianceOnly)},
	{name: "bn", norm: "bn", dims: []int{2, 2, 6}, sizes: []int{3, 4}},
	{name: "ds", norm: "ds", dims: []int{2, 2, 6}, sizes: []int{3, 4}},
	{name: "dsbn", norm: "dsbn", dims: []int{2, 2, 6}, sizes: []int{3, 4}},
	{name: "adabn", norm: "adabn", dims: []int{2, 2, 6}, sizes: []int{3, 4}},
	{name: "adabn 3 domains", norm: "adabn", dims: []int{5}, sizes: []int{4, 4, 4}},
	{name: "autodial", norm: "autodial", dims: []int{2, 2, 6}, sizes: []int{3, 3}},
	{name: "autodial unequal", norm: "autodial", dims: []int{6}, sizes: []int{2, 7}},
	{name: "autodial 3 domains", norm: "autodial", dims: []int{5}, sizes: []int{4, 2, 6}},
	{name: "transnorm", norm: "transnorm", dims: []int{2, 2, 6}, sizes: []int{3, 3}},
	{name: "transnorm unequal", norm: "transnorm", dims: []int{6}, sizes: []int{2, 7}},
	{name: "transnorm 3 domains", norm: "transnorm", dims: []int{5}, sizes: []int{4, 2, 6}},
	{name: "dwt 2-D", norm: "dwt", dims: []int{8}, sizes: []int{9, 9}},
	{name: "dwt 4-D, unequal", norm: "dwt", dims: []int{2, 3, 8}, sizes: []int{3, 4}},
	{name: "dwt 5-D", norm: "dwt", dims: []int{2, 2, 3, 4}, sizes: []int{2, 2}},
	{name: "dwt 3 domains", norm: "dwt", dims: []int{3, 4}, sizes: []int{2, 3, 4}},
	{name: "dwt 3 channels", norm: "dwt", dims: []int{3}, sizes: []int{6, 6}},
	{name: "dwt 1 channel", norm: "dwt", dims: []int{1}, sizes: []int{6, 6}},
	{name: "dwt, fewer samples than channels", norm: "dwt", dims: []int{4}, sizes: []int{2, 3}},
}

func distance(d rnlayer.Distance, want oracle.Distance) func(*rnlayer.Options, *oracle.Config) {
	return func(o *rnlayer.Options, c *oracle.Config) { o.Distance, c.Distance = d, want }
}

func groups(size int) func(*rnlayer.Options, *oracle.Config) {
	return func(o *rnlayer.Options, c *oracle.Config) {
		c.Group = size
		if size != rnlayer.PaperGroupSize(c.Channels) { // otherwise tests the default
			o.GroupSize = size
		}
	}
}

func fixedShare(share float64) func(*rnlayer.Options, *oracle.Config) {
	return func(o *rnlayer.Options, c *oracle.Config) {
		o.Aggregate, o.OwnShare = false, share
		c.Mixing, c.OwnShare = oracle.FixedShare, share
	}
}

func sameChannel(o *rnlayer.Options, c *oracle.Config) {
	o.Compensate, c.Mixing = false, oracle.SameChannel
}

func share(s rnlayer.Share, want oracle.Statistic) func(*rnlayer.Options, *oracle.Config) {
	return func(o *rnlayer.Options, c *oracle.Config) { o.Share, c.Statistic = s, want }
}

func both(a, b func(*rnlayer.Options, *oracle.Config)) func(*rnlayer.Options, *oracle.Config) {
	return func(o *rnlayer.Options, c *oracle.Config) { a(o, c); b(o, c) }
}

// fixture is a layer case with its parameters and batch.
type fixture struct {
	layerCase
	options rnlayer.Options
	config  oracle.Config
	state   *oracle.State
	store   *model.Store
	shape   []int
	x       []float64
	rng     *rand.Rand
}

// newFixture draws parameters and a batch, and puts the parameters into the layer's store
// and the oracle's state.
func newFixture(t *testing.T, c layerCase) *fixture {
	t.Helper()
	channels := c.dims[len(c.dims)-1]
	f := &fixture{layerCase: c, options: rnlayer.DefaultOptions(), config: oracle.DefaultConfig(channels), rng: rand.New(rand.NewPCG(1, 2))}
	f.config.Norm, f.config.Domains = oracle.Norm(c.norm), len(c.sizes)
	if c.edit != nil {
		c.edit(&f.options, &f.config)
	}
	f.state, f.store = f.config.NewState(), model.NewStore()
	rows := 0
	for _, n := range c.sizes {
		rows += n
	}
	f.shape = append([]int{rows}, c.dims...)
	f.x = f.draw(shapeSize(f.shape), func(i int) float64 {
		return f.rng.NormFloat64()*(1+0.3*float64(i%channels)) + 0.5*float64(i%channels)
	})
	fill := func(name string, sets [][]float64, flat bool, value func(int) float64) {
		var all []float64
		for _, set := range sets {
			copy(set, f.draw(len(set), value))
			all = append(all, set...)
		}
		dims := []int{len(sets), channels}
		if flat {
			dims = dims[1:]
		}
		if _, err := f.store.CreateVariable("/norm/"+name, tensors.FromFlatDataAndDimensions(all, dims...)); err != nil {
			t.Fatal(err)
		}
	}
	fill(rnlayer.VarScale, f.state.Gamma, c.norm != "dsbn", func(int) float64 { return 0.5 + f.rng.Float64() })
	fill(rnlayer.VarOffset, f.state.Beta, c.norm != "dsbn", func(int) float64 { return f.rng.NormFloat64() })
	if c.norm == "rn" {
		gate := func(int) float64 { return 0.5 + 0.5*f.rng.Float64() }
		fill(rnlayer.VarMeanGate, f.state.MeanGate, false, gate)
		fill(rnlayer.VarVarianceGate, f.state.VarianceGate, false, gate)
	}
	if c.norm == "autodial" {
		f.state.Alpha[0] = 0.5 + 0.5*f.rng.Float64()
		if _, err := f.store.CreateVariable("/norm/"+rnlayer.VarAlpha, tensors.FromValue(f.state.Alpha[0])); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *fixture) draw(n int, value func(int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = value(i)
	}
	return out
}

// build returns the layer.
func (f *fixture) build(t *testing.T) rnlayer.Norm {
	t.Helper()
	spec, err := rnlayer.Lookup(f.norm)
	if err != nil {
		t.Fatal(err)
	}
	return spec.Norm(rnlayer.Sizes(f.sizes...), f.options)
}

func (f *fixture) tensor() *tensors.Tensor { return tensors.FromFlatDataAndDimensions(f.x, f.shape...) }

// runningCovariance returns a DWT layer's running covariance with the running variance on
// its diagonals.
func (f *fixture) runningCovariance() []float64 {
	value := func(name string) []float64 {
		return tensors.MustCopyFlatData[float64](f.store.GetVariable("/norm/" + name).MustValue())
	}
	covariance, variance, n := value(rnlayer.VarRunningCovariance), value(rnlayer.VarRunningVariance), f.config.Whitening
	for i, v := range variance {
		covariance[i*n+i%n] += v
	}
	return covariance
}

func flattenAll(sets [][][]float64) []float64 {
	var out []float64
	for _, s := range sets {
		out = append(out, flatten(s)...)
	}
	return out
}

func shapeSize(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// requireClose fails if values differ by more than the tolerance, relative to the
// largest.
func requireClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	scale := 1e-300
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance*scale) {
			t.Fatalf("%s: value %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

func flatten(sets [][]float64) []float64 {
	var out []float64
	for _, s := range sets {
		out = append(out, s...)
	}
	return out
}

// TestAgainstOracle compares two training steps, the running statistics and the inference
// of every domain with plain float64 loops.
func TestAgainstOracle(t *testing.T) {
	for _, c := range layerCases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c)
			norm := f.build(t)
			train := model.MustNewExec(backend, f.store, func(scope *model.Scope, x *Node) *Node {
				scope.Store().SetTraining(x.Graph(), true)
				return norm(scope, x)
			})
			for range 2 {
				got := train.MustCall1(f.tensor())
				requireClose(t, "y", tensors.MustCopyFlatData[float64](got), f.config.Train(f.x, f.sizes, f.state), 1e-11)
			}
			layers, err := rnlayer.Layers(f.store)
			if err != nil || len(layers) != 1 {
				t.Fatalf("layers %v, %v", layers, err)
			}
			requireClose(t, "running mean", flatten(layers[0].RunningMean), flatten(f.state.RunningMean), 1e-11)
			requireClose(t, "running variance", flatten(layers[0].RunningVariance), flatten(f.state.RunningVariance), 1e-11)
			if c.norm == "dwt" {
				requireClose(t, "running covariance", f.runningCovariance(), flattenAll(f.state.RunningCovariance), 1e-11)
			}
			last := len(c.sizes) - 1
			evaluations := map[rnlayer.Evaluation]int{rnlayer.EvalTarget: last, rnlayer.DefaultOptions().Evaluation: last}
			for d := range c.sizes {
				evaluations[rnlayer.Evaluation(d)] = d
			}
			for e, d := range evaluations {
				f.options.Evaluation = e
				y := model.MustCallOnce(backend, f.store, f.build(t), f.tensor())
				requireClose(t, "inference with "+e.String(), tensors.MustCopyFlatData[float64](y), f.config.Infer(f.x, d, f.state), 1e-11)
			}
		})
	}
}

// TestGradients compares the gradients of x and of every parameter with central
// differences of the oracle.
func TestGradients(t *testing.T) {
	for _, c := range layerCases {
		if shapeSize(c.dims) > 100 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c)
			norm := f.build(t)
			upstream := f.draw(len(f.x), func(int) float64 { return f.rng.NormFloat64() })
			parameters := map[string][][]float64{rnlayer.VarScale: f.state.Gamma, rnlayer.VarOffset: f.state.Beta}
			if c.norm == "rn" && f.options.Aggregate {
				if f.options.Share != rnlayer.ShareVariance {
					parameters[rnlayer.VarMeanGate] = f.state.MeanGate
				}
				if f.options.Share != rnlayer.ShareMean {
					parameters[rnlayer.VarVarianceGate] = f.state.VarianceGate
				}
			}
			switch c.norm {
			case "autodial":
				parameters[rnlayer.VarAlpha] = [][]float64{f.state.Alpha}
			case "transnorm": // no gradient flows through α
				f.state.HeldAlpha = f.config.Transferability(oracle.DomainMoments(f.x, f.sizes, f.config.Channels))
			}
			var names []string
			grads := model.MustCallOnceN(backend, f.store, func(scope *model.Scope, x, u *Node) []*Node {
				g := x.Graph()
				scope.Store().SetTraining(g, true)
				loss := ReduceAllSum(Mul(norm(scope, x), u))
				wrt := []*Node{x}
				names = names[:0]
				for name := range parameters {
					names = append(names, name)
					wrt = append(wrt, scope.Store().GetVariable("/norm/"+name).NodeValue(g))
				}
				return Gradient(loss, wrt...)
			}, f.tensor(), tensors.FromFlatDataAndDimensions(upstream, f.shape...))
			loss := func() float64 {
				total := 0.0
				for i, y := range f.config.Train(f.x, f.sizes, copyOf(f.state)) {
					total += y * upstream[i]
				}
				return total
			}
			numeric := func(values []float64) []float64 {
				out := make([]float64, len(values))
				for i := range values {
					out[i] = oracle.Derivative(loss, &values[i], 1e-4)
				}
				return out
			}
			requireClose(t, "gradient of x", tensors.MustCopyFlatData[float64](grads[0]), numeric(f.x), 1e-7)
			for i, name := range names {
				var want []float64
				for _, set := range parameters[name] {
					want = append(want, numeric(set)...)
				}
				requireClose(t, "gradient of "+name, tensors.MustCopyFlatData[float64](grads[i+1]), want, 1e-7)
			}
		})
	}
}

// TestNarrowDTypes checks that 16-bit activations keep their dtype and are
// normalized with float32 statistics.
func TestNarrowDTypes(t *testing.T) {
	for _, dtype := range []dtypes.DType{dtypes.BFloat16, dtypes.Float16} {
		store := model.NewStore()
		y := model.MustCallOnce(backend, store, func(scope *model.Scope, x *Node) *Node {
			scope.Store().SetTraining(x.Graph(), true)
			y := rnlayer.New(scope, ConvertDType(x, dtype)).Domains(rnlayer.Halves()).Done()
			if y.DType() != dtype {
				t.Errorf("%s activations came back as %s", dtype, y.DType())
			}
			return ConvertDType(y, dtypes.Float32)
		}, [][]float32{{256}, {258}, {1}, {3}})
		for i, want := range []float32{-0.7071, 0.7071, -0.7071, 0.7071} {
			if got := y.Value().([][]float32)[i][0]; math.Abs(float64(got-want)) > 4e-3 {
				t.Errorf("%s: y[%d] = %g, want %g", dtype, i, got, want)
			}
		}
		if v := store.GetVariable("/norm/" + rnlayer.VarRunningMean); v.DType() != dtypes.Float32 {
			t.Errorf("%s: running mean is %s", dtype, v.DType())
		}
	}
}

// copyOf copies a state with its running statistics, so that a step on the copy leaves the
// state as it is.
func copyOf(s *oracle.State) *oracle.State {
	c := *s
	c.RunningMean, c.RunningVariance = nil, nil
	for i := range s.RunningMean {
		c.RunningMean = append(c.RunningMean, append([]float64{}, s.RunningMean[i]...))
		c.RunningVariance = append(c.RunningVariance, append([]float64{}, s.RunningVariance[i]...))
	}
	c.RunningCovariance = nil
	for _, set := range s.RunningCovariance {
		var rows [][]float64
		for _, row := range set {
			rows = append(rows, append([]float64{}, row...))
		}
		c.RunningCovariance = append(c.RunningCovariance, rows)
	}
	return &c
}
