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

	"github.com/reciprocalnorm/rn/experiments/training/dataparallel"
	"github.com/reciprocalnorm/rn/experiments/training/sgd"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestMain has XLA compile fast rather than well: these tests compile far more than they compute.
func TestMain(m *testing.M) {
	if os.Getenv("XLA_FLAGS") == "" {
		os.Setenv("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
	}
	os.Exit(m.Run())
}

// newBackend opens XLA on the CPU, whose plugins have four devices.
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

// normal makes normal values of a mean.
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

// state are all values of a store, by the variable's path.
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

// requireClose compares values that should differ by rounding only.
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

// requireSame compares the variables of two stores.
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

// newCaller makes one.
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

// setGates sets the gates of RN's layer of four channels to values that mix the domains.
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

// TestNorms: outputs, gradients and running statistics of every norm are those of one device, with two domains and
// three, of the same number of rows and of different ones.
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

// TestRandomNumbers: what is drawn at a step does not depend on the number of devices, in rows that they share as in
// what all have, and neither do initial values.
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

// TestMisuse: what cannot be spread is refused.
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
