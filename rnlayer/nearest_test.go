package rnlayer_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer"
)

// TestNearest: the gradient that is written out is that of the correlation and its
// product.
func TestNearest(t *testing.T) {
	for name, dims := range map[string][]int{ // [n, group size, groups]
		"groups of one":   {3, 1, 64},
		"groups of two":   {3, 2, 5},
		"groups of three": {2, 3, 64},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			noise := func() *tensors.Tensor {
				values := make([]float64, shapeSize(dims))
				for i := range values {
					values[i] = 3 * rng.NormFloat64()
				}
				return tensors.FromFlatDataAndDimensions(values, dims...)
			}
			x, y, u := noise(), noise(), noise()
			of := func(look func(a, b *Node) *Node) []*tensors.Tensor {
				return MustNewExec(backend, func(a, b, u *Node) (*Node, *Node, *Node) {
					o := look(a, b)
					g := Gradient(ReduceAllSum(Mul(o, u)), a, b)
					return o, g[0], g[1]
				}).MustCall(x, y, u)
			}
			got := of(rnlayer.Nearest)
			want := of(func(a, b *Node) *Node { return Einsum("nij,ngj->ngi", rnlayer.CorrelationL2(a, b), b) })
			for i, what := range []string{"o", "gradient of a", "gradient of b"} {
				requireClose(t, what, tensors.MustCopyFlatData[float64](got[i]), tensors.MustCopyFlatData[float64](want[i]), 1e-12)
			}
		})
	}
}
