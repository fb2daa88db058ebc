package rnlayer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestNearest: the gradient that is written out is that of the correlation and its
// product, for statistics that are far from all others too: e^(−30²) is 0.
func TestNearest(t *testing.T) {
	for name, test := range map[string]struct {
		dims     []int // [n, group size, groups]
		distance float64
	}{
		"groups of one":        {[]int{3, 1, 64}, 0},
		"groups of two":        {[]int{3, 2, 5}, 0},
		"groups of three":      {[]int{2, 3, 64}, 0},
		"groups of one, far":   {[]int{3, 1, 5}, 40},
		"groups of three, far": {[]int{2, 3, 5}, 40},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			noise := func(mean float64) *tensors.Tensor {
				values := make([]float64, shapeSize(test.dims))
				for i := range values {
					values[i] = mean + 3*rng.NormFloat64()
				}
				return tensors.FromFlatDataAndDimensions(values, test.dims...)
			}
			x, y, u := noise(test.distance), noise(0), noise(0)
			of := func(look func(a, b *Node) *Node) []*tensors.Tensor {
				return MustNewExec(backend, func(a, b, u *Node) (*Node, *Node, *Node) {
					o := look(a, b)
					g := Gradient(ReduceAllSum(Mul(o, u)), a, b)
					return o, g[0], g[1]
				}).MustCall(x, y, u)
			}
			got := of(rnlayer.Nearest)
			want := of(func(a, b *Node) *Node { return Einsum("nij,ngj->ngi", rnlayer.CorrelationL2(a, b), b) })
			flat := func(values ...*tensors.Tensor) (all []float64) {
				for _, v := range values {
					all = append(all, tensors.MustCopyFlatData[float64](v)...)
				}
				return all
			}
			requireClose(t, "o", flat(got[0]), flat(want[0]), 1e-12)
			requireClose(t, "gradients of a and b", flat(got[1:]...), flat(want[1:]...), 1e-12)
		})
	}
}

// TestNearestFloat32: in 32 bits too the sums lose little of values and gradients,
// of statistics that differ a hundred times as much as what is alike, and that are
// far from zero.
func TestNearestFloat32(t *testing.T) {
	for name, dims := range map[string][]int{"groups of one": {3, 1, 64}, "groups of four": {3, 4, 64}} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			var x64, x32 []any
			for range 3 { // a, b and the gradient
				wide, narrow := make([]float64, shapeSize(dims)), make([]float32, shapeSize(dims))
				for i := range wide {
					narrow[i] = float32(100 + 30*rng.NormFloat64())
					wide[i] = float64(narrow[i])
				}
				x64 = append(x64, tensors.FromFlatDataAndDimensions(wide, dims...))
				x32 = append(x32, tensors.FromFlatDataAndDimensions(narrow, dims...))
			}
			look := func(a, b, u *Node) (*Node, *Node, *Node) {
				o := rnlayer.Nearest(a, b)
				g := Gradient(ReduceAllSum(Mul(o, u)), a, b)
				return o, g[0], g[1]
			}
			want, got := MustNewExec(backend, look).MustCall(x64...), MustNewExec(backend, look).MustCall(x32...)
			for i, part := range []string{"o", "gradient of a", "gradient of b"} {
				w, g := tensors.MustCopyFlatData[float64](want[i]), tensors.MustCopyFlatData[float32](got[i])
				var off, length float64
				for k := range w {
					off += (w[k] - float64(g[k])) * (w[k] - float64(g[k]))
					length += w[k] * w[k]
				}
				if off = math.Sqrt(off / length); !(off < 1e-4) {
					t.Errorf("%s: off by %.1e of its length, want at most 1e-4", part, off)
				}
			}
		})
	}
}
