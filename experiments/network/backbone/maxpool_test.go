package backbone

import (
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// TestMaxPool compares values and gradient with plain loops, for values that repeat within
// a window and sizes that the stride does not divide.
func TestMaxPool(t *testing.T) {
	backend := pureGo(t)
	const batch, channels = 2, 3
	for _, size := range [][2]int{{8, 8}, {7, 9}, {6, 5}, {1, 1}, {2, 3}} {
		height, width := size[0], size[1]
		rng := rand.New(rand.NewPCG(uint64(height), uint64(width)))
		x := make([]float64, batch*height*width*channels)
		for i := range x {
			x[i] = float64(rng.IntN(4)) - 2 // with ties
		}
		rows, columns := (height+1)/2, (width+1)/2
		adjoint := make([]float64, batch*rows*columns*channels)
		for i := range adjoint {
			adjoint[i] = rng.NormFloat64()
		}
		y, gradient := make([]float64, len(adjoint)), make([]float64, len(x))
		for n := range batch {
			for i := range rows {
				for j := range columns {
					for c := range channels {
						best, place := math.Inf(-1), -1
						for r := max(0, 2*i-1); r <= min(height-1, 2*i+1); r++ {
							for s := max(0, 2*j-1); s <= min(width-1, 2*j+1); s++ {
								if at := ((n*height+r)*width+s)*channels + c; x[at] > best {
									best, place = x[at], at
								}
							}
						}
						out := ((n*rows+i)*columns+j)*channels + c
						y[out] = best
						gradient[place] += adjoint[out]
					}
				}
			}
		}
		exec := MustNewExec(backend, func(x, adjoint *Node) (*Node, *Node) {
			y := maxPool(x)
			return y, Gradient(ReduceAllSum(Mul(y, adjoint)), x)[0]
		})
		gotY, gotGradient := exec.MustCall2(tensors.FromFlatDataAndDimensions(x, batch, height, width, channels),
			tensors.FromFlatDataAndDimensions(adjoint, batch, rows, columns, channels))
		if want := tensors.FromFlatDataAndDimensions(y, batch, rows, columns, channels); !want.InDelta(gotY, 0) {
			t.Errorf("%d×%d: max-pool %v, want %v", height, width, gotY, want)
		}
		if want := tensors.FromFlatDataAndDimensions(gradient, batch, height, width, channels); !want.InDelta(gotGradient, 1e-12) {
			t.Errorf("%d×%d: gradient %v, want %v", height, width, gotGradient, want)
		}
		exec.Finalize()
	}
}
