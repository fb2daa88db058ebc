package matrices_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer/internal/matrices"
	"github.com/reciprocalnorm/rn/rnlayer/internal/oracle"
)

// backend of the tests: the pure Go one unless $GOMLX_BACKEND names another.
var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

const parts, groups = 2, 3

// positive returns symmetric positive definite matrices [parts, groups, n, n].
func positive(n int, rng *rand.Rand) []float64 {
	var all []float64
	for range parts * groups {
		b := make([]float64, n*n)
		for i := range b {
			b[i] = rng.NormFloat64()
		}
		for i := range n {
			for j := range n {
				v := 0.0
				if i == j {
					v = 0.5
				}
				for k := range n {
					v += b[i*n+k] * b[j*n+k]
				}
				all = append(all, v)
			}
		}
	}
	return all
}

// TestInverseCholesky: W is lower triangular with W Σ Wᵀ = I, and its gradient agrees
// with central differences.
func TestInverseCholesky(t *testing.T) {
	for _, n := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(n), 0))
			sigma, adjoint := positive(n, rng), make([]float64, parts*groups*n*n)
			for i := range adjoint {
				adjoint[i] = rng.NormFloat64()
			}
			tensor := func(values []float64) *tensors.Tensor {
				return tensors.FromFlatDataAndDimensions(values, parts, groups, n, n)
			}
			exec := MustNewExec(backend, func(sigma, adjoint *Node) (*Node, *Node) {
				w := matrices.InverseCholesky(sigma)
				return w, Gradient(ReduceAllSum(Mul(w, adjoint)), sigma)[0]
			})
			defer exec.Finalize()
			call := func() (w, gradient []float64) {
				y, g := exec.MustCall2(tensor(sigma), tensor(adjoint))
				return tensors.MustCopyFlatData[float64](y), tensors.MustCopyFlatData[float64](g)
			}
			all, gradient := call()
			for m := range parts * groups {
				w, s := all[m*n*n:(m+1)*n*n], sigma[m*n*n:(m+1)*n*n]
				for i := range n {
					for j := range n {
						if j > i && w[i*n+j] != 0 {
							t.Errorf("matrix %d: entry %d, %d above the diagonal is %g", m, i, j, w[i*n+j])
						}
						got, want := 0.0, 0.0
						for k := range n {
							for l := range n {
								got += w[i*n+k] * s[k*n+l] * w[j*n+l]
							}
						}
						if i == j {
							want = 1
						}
						if math.Abs(got-want) > 1e-10 {
							t.Errorf("matrix %d: entry %d, %d of W Σ Wᵀ is %g, want %g", m, i, j, got, want)
						}
					}
				}
			}
			loss := func() float64 {
				w, _ := call()
				sum := 0.0
				for i, v := range w {
					sum += v * adjoint[i]
				}
				return sum
			}
			for i := range sigma {
				if want := oracle.Derivative(loss, &sigma[i], 1e-4); math.Abs(gradient[i]-want) > 1e-6*math.Max(1, math.Abs(want)) {
					t.Errorf("gradient %d is %g, by differences %g", i, gradient[i], want)
				}
			}
		})
	}
}

// TestDiagonals: Diagonals undoes FromDiagonals, which has zeros elsewhere.
func TestDiagonals(t *testing.T) {
	const n = 2
	values := [][]float64{{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}}
	full, back, sum := MustNewExec(backend, func(values *Node) (*Node, *Node, *Node) {
		m := matrices.FromDiagonals(values, n)
		return m, matrices.Diagonals(AddScalar(m, 100)), ReduceAllSum(m)
	}).MustCall3(values)
	if got := full.Value().([][][][]float64)[1][2]; fmt.Sprint(got) != "[[11 0] [0 12]]" {
		t.Errorf("last matrix %v", got)
	}
	if got := fmt.Sprint(back.Value()); got != "[[101 102 103 104 105 106] [107 108 109 110 111 112]]" {
		t.Errorf("diagonals %s", got)
	}
	if got := sum.Value(); got != 78.0 {
		t.Errorf("all entries sum to %v, want 78", got)
	}
}
