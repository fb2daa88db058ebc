package backbone

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// pureGo opens GoMLX's Go backend, which needs no XLA.
func pureGo(t *testing.T) compute.Backend {
	t.Helper()
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// TestConvolve compares values and both gradients of every way to compute a convolution
// with plain loops.
func TestConvolve(t *testing.T) {
	backend := pureGo(t)
	const batch, in, out = 2, 3, 4
	for _, c := range []struct{ kernel, stride, height, width int }{
		{1, 1, 5, 4}, {1, 2, 6, 4}, {1, 2, 5, 6}, {1, 2, 4, 3}, {1, 3, 6, 9}, {3, 1, 5, 4}, {3, 2, 6, 5}, {7, 2, 8, 8},
	} {
		rng := rand.New(rand.NewPCG(uint64(c.kernel), uint64(c.stride)))
		values := func(n int) []float64 {
			all := make([]float64, n)
			for i := range all {
				all[i] = rng.NormFloat64()
			}
			return all
		}
		pad := (c.kernel - 1) / 2
		rows, columns := (c.height+2*pad-c.kernel)/c.stride+1, (c.width+2*pad-c.kernel)/c.stride+1
		x, w := values(batch*c.height*c.width*in), values(c.kernel*c.kernel*in*out)
		adjoint := values(batch * rows * columns * out)
		y, dx, dw := make([]float64, len(adjoint)), make([]float64, len(x)), make([]float64, len(w))
		for n := range batch {
			for i := range rows {
				for j := range columns {
					for k := range c.kernel * c.kernel {
						r, s := i*c.stride+k/c.kernel-pad, j*c.stride+k%c.kernel-pad
						if r < 0 || s < 0 || r >= c.height || s >= c.width {
							continue
						}
						for a := range in {
							for b := range out {
								at, from, with := ((n*rows+i)*columns+j)*out+b, ((n*c.height+r)*c.width+s)*in+a, (k*in+a)*out+b
								y[at] += x[from] * w[with]
								dx[from] += adjoint[at] * w[with]
								dw[with] += adjoint[at] * x[from]
							}
						}
					}
				}
			}
		}
		layer := convolution{unit: unit{in: in, out: out, kernel: c.kernel, stride: c.stride}}
		exec := MustNewExec(backend, func(x, w, adjoint *Node) []*Node {
			y := layer.convolve(x, w)
			return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, adjoint)), x, w)...)
		})
		got := exec.MustCall(tensors.FromFlatDataAndDimensions(x, batch, c.height, c.width, in),
			tensors.FromFlatDataAndDimensions(w, c.kernel, c.kernel, in, out),
			tensors.FromFlatDataAndDimensions(adjoint, batch, rows, columns, out))
		for i, want := range []*tensors.Tensor{
			tensors.FromFlatDataAndDimensions(y, batch, rows, columns, out),
			tensors.FromFlatDataAndDimensions(dx, batch, c.height, c.width, in),
			tensors.FromFlatDataAndDimensions(dw, c.kernel, c.kernel, in, out),
		} {
			if !want.InDelta(got[i], 1e-12) {
				t.Errorf("%+v: %s is %v, want %v", c, []string{"result", "gradient at x", "gradient at the weights"}[i], got[i], want)
			}
		}
		exec.Finalize()
	}
}
