package customgrad_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
)

// call runs a graph and returns its outputs as flat values.
func call[F ExecGraphFn](t *testing.T, graph F, args ...any) [][]float64 {
	t.Helper()
	outputs, err := CallOnceN(backend, graph, args...)
	if err != nil {
		t.Fatal(err)
	}
	flat := make([][]float64, len(outputs))
	for i, out := range outputs {
		flat[i] = tensors.MustCopyFlatData[float64](out)
	}
	return flat
}

// requireEqual compares outputs exactly: all test values are small integers.
func requireEqual(t *testing.T, got, want [][]float64) {
	t.Helper()
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// tripled returns a² and Σb with three times the gradient of a², which distinguishes
// it from the true one.
func tripled(a, b *Node) []*Node {
	return customgrad.Values([]*Node{Mul(a, a), ReduceAllSum(b)}, []*Node{a, b}, func(adjoints []*Node) []*Node {
		return []*Node{MulScalar(Mul(adjoints[0], a), 6), BroadcastToShape(adjoints[1], b.Shape())}
	})
}

var a, b = []float64{1, 2}, []float64{3, 4, 5}

func TestValuesAreUnchanged(t *testing.T) {
	requireEqual(t, call(t, tripled, a, b), [][]float64{{1, 4}, {12}})
}

// TestRepeatedPasses: every backward pass of a graph has the gradient that is written
// out, and the adjoint of a value that a loss does not use is zero.
func TestRepeatedPasses(t *testing.T) {
	got := call(t, func(a, b *Node) []*Node {
		values := tripled(a, b)
		squares, sum := ReduceAllSum(values[0]), values[1]
		var all []*Node
		for _, loss := range []*Node{Add(squares, MulScalar(sum, 2)), squares, sum} {
			all = append(all, Gradient(loss, a, b)...)
		}
		return append(all, Gradient(squares, b)[0], Gradient(sum, b)[0])
	}, a, b)
	requireEqual(t, got, [][]float64{{6, 12}, {2, 2, 2}, {6, 12}, {0, 0, 0}, {0, 0}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}})
}

// TestPassThatEndsBeforeTheInputs: a pass that reaches a value but no input leaves
// nothing behind for the next pass, and a node that is not an input has no gradient.
func TestPassThatEndsBeforeTheInputs(t *testing.T) {
	got := call(t, func(a, b *Node) []*Node {
		other := MulScalar(b, 1)
		values := customgrad.Values([]*Node{Add(a, other), Mul(a, other)}, []*Node{a}, func(adjoints []*Node) []*Node {
			return []*Node{Add(adjoints[0], MulScalar(adjoints[1], 10))}
		})
		return []*Node{
			Gradient(ReduceAllSum(values[0]), other)[0],
			Gradient(ReduceAllSum(values[1]), a)[0],
			Gradient(ReduceAllSum(values[1]), other)[0],
			Gradient(ReduceAllSum(values[0]), a)[0],
		}
	}, a, a)
	requireEqual(t, got, [][]float64{{0, 0}, {10, 10}, {0, 0}, {1, 1}})
}

// TestChain: functions compose, with each other and with GoMLX's gradients.
func TestChain(t *testing.T) {
	cube := func(x *Node) *Node {
		return customgrad.Value(Mul(x, Mul(x, x)), []*Node{x}, func(adjoint *Node) []*Node {
			return []*Node{Mul(adjoint, MulScalar(Square(x), 3))}
		})
	}
	got := call(t, func(x *Node) []*Node {
		y := cube(MulScalar(cube(AddScalar(x, 1)), 2)) // 8 (x + 1)⁹
		return []*Node{y, Gradient(ReduceAllSum(y), x)[0]}
	}, []float64{0, 1})
	requireEqual(t, got, [][]float64{{8, 8 * 512}, {72, 72 * 256}})
}

// TestOperationWithoutGradient: Reverse has no gradient in GoMLX.
func TestOperationWithoutGradient(t *testing.T) {
	got := call(t, func(x, weights *Node) *Node {
		y := customgrad.Value(Reverse(x, 0), []*Node{x}, func(adjoint *Node) []*Node { return []*Node{Reverse(adjoint, 0)} })
		return Gradient(ReduceAllSum(Mul(y, weights)), x)[0]
	}, []float64{1, 2, 3}, []float64{10, 20, 30})
	requireEqual(t, got, [][]float64{{30, 20, 10}})
}

// TestMixedDTypes: values and inputs may have different dtypes.
func TestMixedDTypes(t *testing.T) {
	got := call(t, func(a, b *Node) []*Node {
		narrow := ConvertDType(b, dtypes.Float32)
		y := customgrad.Value(ConvertDType(Mul(a, b), dtypes.Float32), []*Node{narrow, a}, func(adjoint *Node) []*Node {
			return []*Node{Mul(adjoint, ConvertDType(a, dtypes.Float32)), Mul(ConvertDType(adjoint, dtypes.Float64), b)}
		})
		return Gradient(ConvertDType(ReduceAllSum(y), dtypes.Float64), a, b)
	}, []float64{2, 3}, []float64{5, 7})
	requireEqual(t, got, [][]float64{{5, 7}, {2, 3}})
}

func TestMisuse(t *testing.T) {
	for name, test := range map[string]struct {
		build func(x *Node) *Node
		want  string
	}{
		"no inputs": {func(x *Node) *Node {
			return customgrad.Value(x, nil, func(adjoint *Node) []*Node { return nil })
		}, "1 values and 0 inputs"},
		"no values": {func(x *Node) *Node {
			return customgrad.Values(nil, []*Node{x}, func(adjoints []*Node) []*Node { return adjoints })[0]
		}, "0 values and 1 inputs"},
		"too many gradients": {func(x *Node) *Node {
			y := customgrad.Value(x, []*Node{x}, func(adjoint *Node) []*Node { return []*Node{adjoint, adjoint} })
			return Gradient(ReduceAllSum(y), x)[0]
		}, "returned 2 gradients, expected 1"},
		"another shape": {func(x *Node) *Node {
			y := customgrad.Value(x, []*Node{x}, func(adjoint *Node) []*Node { return []*Node{ReduceAllSum(adjoint)} })
			return Gradient(ReduceAllSum(y), x)[0]
		}, "(Float64)[3]"},
		"no gradient": {func(x *Node) *Node {
			y := customgrad.Value(x, []*Node{x}, func(adjoint *Node) []*Node { return []*Node{nil} })
			return Gradient(ReduceAllSum(y), x)[0]
		}, "gradient of input 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := CallOnce(backend, test.build, []float64{1, 2, 3})
			if err == nil || !strings.Contains(err.Error(), "customgrad: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one of customgrad that says %q", err, test.want)
			}
		})
	}
}
