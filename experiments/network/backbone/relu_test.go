package backbone

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// TestReLU: values and gradients are those of max(x, 0), with derivative 0 at 0. The
// values of addReLU equal max(x + y, 0) bit for bit.
func TestReLU(t *testing.T) {
	x := []float32{-2, 0, 1e-30, 3, 5, -0.7, float32(math.Inf(-1)), 0.1}
	y := []float32{1, 0, -1e-30, -4, 2.5, 0.9, 7, 0.2}
	adjoint := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	of := func(f func(x, y *Node) *Node) (values, dx, dy []float32) {
		out := MustNewExec(pureGo(t), func(x, y, adjoint *Node) []*Node {
			z := f(x, y)
			return append([]*Node{z}, Gradient(ReduceAllSum(Mul(z, adjoint)), x, y)...)
		}).MustCall(x, y, adjoint)
		return tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](out[1]), tensors.MustCopyFlatData[float32](out[2])
	}
	require := func(what string, got, want []float32) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	wantValues, wantGradient := make([]float32, len(x)), make([]float32, len(x))
	expect := func(of func(i int) float32) {
		for i := range x {
			wantValues[i], wantGradient[i] = 0, 0
			if v := of(i); v > 0 {
				wantValues[i], wantGradient[i] = v, adjoint[i]
			}
		}
	}
	expect(func(i int) float32 { return x[i] })
	values, dx, _ := of(func(x, y *Node) *Node { return Add(relu(x), MulScalar(y, 0)) })
	require("values", values, wantValues)
	require("gradient", dx, wantGradient)

	expect(func(i int) float32 { return x[i] + y[i] })
	values, dx, dy := of(addReLU)
	require("values of a sum", values, wantValues)
	require("gradient of x", dx, wantGradient)
	require("gradient of y", dy, wantGradient)
}

// TestReLUDType: bfloat16 stays bfloat16.
func TestReLUDType(t *testing.T) {
	MustNewExec(pureGo(t), func(x *Node) *Node {
		x = ConvertDType(x, dtypes.BFloat16)
		y := addReLU(relu(x), x)
		if dx := Gradient(ReduceAllSum(y), x)[0]; y.DType() != dtypes.BFloat16 || dx.DType() != dtypes.BFloat16 {
			t.Errorf("ReLU of bfloat16 is %s, its gradient %s", y.DType(), dx.DType())
		}
		return y
	}).MustCall([]float32{1, -1})
}
