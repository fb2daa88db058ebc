package dataparallel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/experiments/sgd"
	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/experiments/xla/xlaflags"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestMain has XLA compile fast rather than well: these tests compile far more than they compute.
func TestMain(m *testing.M) {
	if err := xlaflags.SetFast(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// newBackend opens XLA's CPU plugin, which has four devices.
func newBackend(t *testing.T) compute.Backend {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	t.Cleanup(backend.Finalize)
	if n := backend.NumDevices(); n < 4 {
		t.Skipf("the plugin has %d devices", n)
	}
	return backend
}

// normal returns normally distributed values; their deviation is 1 + 0.3·mean.
func normal(seed uint64, mean float64, dims ...int) *tensors.Tensor {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := tensors.FromShape(shapes.Make(dtypes.Float64, dims...))
	tensors.MustMutableFlatData(x, func(values []float64) {
		for i := range values {
			values[i] = mean + rng.NormFloat64()*(1+0.3*mean)
		}
	})
	return x
}

// state returns the values of all variables of a store by path.
func state(t *testing.T, store *model.Store) map[string][]float64 {
	t.Helper()
	all := make(map[string][]float64)
	for v := range store.IterVariables() {
		switch value := v.MustValue(); value.DType() {
		case dtypes.Float64:
			all[v.Path()] = tensors.MustCopyFlatData[float64](value)
		case dtypes.Uint64: // the generator's state
			for _, word := range tensors.MustCopyFlatData[uint64](value) {
				all[v.Path()] = append(all[v.Path()], float64(word>>32), float64(word&math.MaxUint32))
			}
		case dtypes.Int64: // the step
			all[v.Path()] = []float64{float64(tensors.ToScalar[int64](value))}
		default:
			t.Fatalf("%s has the dtype %s", v.Path(), value.DType())
		}
	}
	return all
}

// requireClose fails the test if values differ by more than rounding.
func requireClose(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= 1e-9*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %.15g, on one device %.15g", what, i, got[i], want[i])
		}
	}
}

// requireSame fails the test if the variables of two stores differ by more than rounding.
func requireSame(t *testing.T, got, want map[string][]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d variables, want %d", len(got), len(want))
	}
	for path, values := range want {
		requireClose(t, path, got[path], values)
	}
}

// caller is a computation on one device or several.
type caller func(inputs ...*tensors.Tensor) []*tensors.Tensor

// newCaller returns a computation on so many devices.
func newCaller(t *testing.T, backend compute.Backend, store *model.Store, devices int, fn func(scope *model.Scope, inputs []*Node) []*Node) caller {
	t.Helper()
	exec := model.MustNewExec(backend, store, fn)
	t.Cleanup(exec.Finalize)
	call := func(inputs ...*tensors.Tensor) ([]*tensors.Tensor, error) {
		args := make([]any, len(inputs))
		for i, x := range inputs {
			args[i] = x
		}
		return exec.Call(args...)
	}
	if devices > 1 {
		spread, err := dataparallel.New(backend, exec, devices)
		if err != nil {
			t.Fatal(err)
		}
		call = spread.Call
	}
	return func(inputs ...*tensors.Tensor) []*tensors.Tensor {
		t.Helper()
		out, err := call(inputs...)
		if err != nil {
			t.Fatalf("%d devices: %+v", devices, err)
		}
		return out
	}
}

// setGates sets the gates of an RN layer with four channels to values that mix the domains.
func setGates(t *testing.T, store *model.Store, domains int) {
	t.Helper()
	for i, name := range []string{rnlayer.VarMeanGate, rnlayer.VarVarianceGate} {
		gate := tensors.FromShape(shapes.Make(dtypes.Float64, domains, 4))
		tensors.MustMutableFlatData(gate, func(values []float64) {
			for k := range values {
				values[k] = 0.6 + 0.1*float64(i) + 0.01*float64(k)
			}
		})
		if _, err := store.CreateVariable("/norm/"+name, gate); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNorms: every norm has the same outputs, gradients and running statistics on several devices as on one, with two
// and three domains, of equal and different numbers of rows.
func TestNorms(t *testing.T) {
	backend := newBackend(t)
	for _, test := range []struct{ sizes, devices []int }{{[]int{8, 8}, []int{2, 4}}, {[]int{4, 4, 4}, []int{4}}, {[]int{8, 4}, []int{2}}} {
		sizes := test.sizes
		for _, spec := range rnlayer.All() {
			t.Run(fmt.Sprintf("%s %v", spec.Name, sizes), func(t *testing.T) {
				layout := rnlayer.Sizes(sizes...)
				step := func(devices int) ([]float64, map[string][]float64) {
					layout := layout
					if devices > 1 {
						layout = layout.Shards(devices)
					}
					store := model.NewStore()
					if spec.Name == "rn" {
						setGates(t, store, len(sizes))
					}
					call := newCaller(t, backend, store, devices, func(scope *model.Scope, inputs []*Node) []*Node {
						store.SetTraining(inputs[0].Graph(), true)
						domains, upstream := inputs[:len(sizes)], inputs[len(sizes):]
						y := layout.Split(spec.Norm(layout, rnlayer.DefaultOptions())(scope, layout.Join(domains...)))
						loss := ScalarZero(y[0].Graph(), y[0].DType())
						for d := range y {
							loss = Add(loss, ReduceAllSum(Mul(upstream[d], Square(y[d]))))
						}
						var parameters []*Node
						for v := range scope.IterVariables() {
							if v.Trainable {
								parameters = append(parameters, v.NodeValue(loss.Graph()))
							}
						}
						outputs := append([]*Node{loss}, y...)
						return append(outputs, Gradient(loss, append(domains, parameters...)...)...)
					})
					var inputs []*tensors.Tensor
					for d, n := range sizes {
						inputs = append(inputs, normal(uint64(d), float64(d), n, 3, 2, 4))
					}
					for d, n := range sizes {
						inputs = append(inputs, normal(uint64(10+d), 0, n, 3, 2, 4))
					}
					var values []float64
					for range 2 { // the second step has the running statistics of the first
						for _, out := range call(inputs...) {
							values = append(values, tensors.MustCopyFlatData[float64](out)...)
						}
					}
					return values, state(t, store)
				}
				want, wantState := step(1)
				for _, devices := range test.devices {
					got, gotState := step(devices)
					requireClose(t, fmt.Sprintf("%d devices: outputs and gradients", devices), got, want)
					requireSame(t, gotState, wantState)
				}
			})
		}
	}
}

// TestRandomNumbers: random numbers do not depend on the number of devices: dropout of split rows, and initial values of
// replicated variables.
func TestRandomNumbers(t *testing.T) {
	backend := newBackend(t)
	step := func(devices int) ([]float64, map[string][]float64) {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(5); err != nil {
			t.Fatal(err)
		}
		opt, err := sgd.New(sgd.Default())
		if err != nil {
			t.Fatal(err)
		}
		call := newCaller(t, backend, store, devices, func(scope *model.Scope, inputs []*Node) []*Node {
			x := inputs[0]
			store.SetTraining(x.Graph(), true)
			x = layers.DenseWithBias(scope.In("first"), x, 6)
			x = layers.Dropout(scope, x, Scalar(x.Graph(), x.DType(), 0.5))
			y := layers.DenseWithBias(scope.In("second"), x, 3)
			loss := ReduceAllMean(Square(y))
			opt.UpdateGraph(scope, x.Graph(), loss)
			return []*Node{loss, y}
		})
		var values []float64
		for i := range 3 {
			for _, out := range call(normal(uint64(i), 0, 8, 5)) {
				values = append(values, tensors.MustCopyFlatData[float64](out)...)
			}
		}
		return values, state(t, store)
	}
	want, wantState := step(1)
	for _, devices := range []int{2, 4} {
		got, gotState := step(devices)
		requireClose(t, fmt.Sprintf("%d devices: outputs", devices), got, want)
		requireSame(t, gotState, wantState)
	}
}

// TestMisuse: New and Call refuse numbers of devices and rows that do not work.
func TestMisuse(t *testing.T) {
	backend := newBackend(t)
	double := func() *model.Exec {
		return model.MustNewExec(backend, model.NewStore(), func(_ *model.Scope, x *Node) *Node { return Add(x, x) })
	}
	for _, test := range []struct {
		devices int
		want    string
	}{{0, "at least 1"}, {99, "has 4"}} {
		if _, err := dataparallel.New(backend, double(), test.devices); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d devices: error is %v", test.devices, err)
		}
	}
	spread, err := dataparallel.New(backend, double(), 4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := spread.Call(normal(1, 0, 6, 2)); err == nil || !strings.Contains(err.Error(), "[6, 2]") {
		t.Errorf("6 rows on 4 devices: error is %v", err)
	}
}

// TestCompileAgain: after a call whose compilation fails, the next call compiles for its own inputs, and splits them.
func TestCompileAgain(t *testing.T) {
	backend := newBackend(t)
	for name, wrong := range map[string][]*tensors.Tensor{
		"too few inputs": {normal(1, 0, 8, 3)},
		"scalars":        {normal(1, 0), normal(2, 0)}, // would be copied to every device, not split
	} {
		exec := model.MustNewExec(backend, model.NewStore(), func(_ *model.Scope, inputs []*Node) *Node {
			if len(inputs) != 2 {
				exceptions.Panicf("%d inputs", len(inputs))
			}
			inputs[0].AssertRank(2)
			return Add(inputs[0], inputs[1])
		})
		t.Cleanup(exec.Finalize)
		spread, err := dataparallel.New(backend, exec, 4)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spread.Call(wrong...); err == nil {
			t.Fatalf("%s: the call compiles", name)
		}
		if _, err := spread.Call(normal(1, 0, 6, 3), normal(2, 0, 6, 3)); err == nil || !strings.Contains(err.Error(), "[6, 3]") {
			t.Errorf("%s, then 6 rows on 4 devices: error is %v", name, err)
		}
		x, y := normal(1, 0, 8, 3), normal(2, 0, 8, 3)
		outputs, err := spread.Call(x, y)
		if err != nil {
			t.Errorf("%s, then matrices: %v", name, err)
			continue
		}
		want := tensors.MustCopyFlatData[float64](x)
		for i, v := range tensors.MustCopyFlatData[float64](y) {
			want[i] += v
		}
		requireClose(t, name, tensors.MustCopyFlatData[float64](outputs[0]), want)
	}
}
