package nearest_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer/internal/nearest"
)

// backend of the tests: the pure Go one unless $GOMLX_BACKEND names another.
var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// softmaxAverage is the formula of nearest.Average with GoMLX's own gradient.
func softmaxAverage(a, b *Node) *Node {
	rows, columns := InsertAxes(ReduceMean(a, 1), -1), InsertAxes(ReduceMean(b, 1), 1)
	return Einsum("nij,ngj->ngi", Softmax(Neg(Square(Sub(rows, columns))), -1), b)
}

// withGradients returns an average o and the gradients of Σ o·u at a and b.
func withGradients(average func(a, b *Node) *Node) func(a, b, u *Node) (*Node, *Node, *Node) {
	return func(a, b, u *Node) (*Node, *Node, *Node) {
		o := average(a, b)
		g := Gradient(ReduceAllSum(Mul(o, u)), a, b)
		return o, g[0], g[1]
	}
}

var parts = []string{"o", "gradient of a", "gradient of b"}

// TestAverage compares the values and the written-out gradients with GoMLX's, also for
// statistics that are far from all others: e^(−30²) is 0.
func TestAverage(t *testing.T) {
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
				values := make([]float64, size(test.dims))
				for i := range values {
					values[i] = mean + 3*rng.NormFloat64()
				}
				return tensors.FromFlatDataAndDimensions(values, test.dims...)
			}
			a, b, u := noise(test.distance), noise(0), noise(0)
			got := MustNewExec(backend, withGradients(nearest.Average)).MustCall(a, b, u)
			want := MustNewExec(backend, withGradients(softmaxAverage)).MustCall(a, b, u)
			gradient := 0.0 // the largest, of a and b
			for _, w := range want[1:] {
				gradient = math.Max(gradient, largest(tensors.MustCopyFlatData[float64](w)))
			}
			for i, part := range parts {
				g, w := tensors.MustCopyFlatData[float64](got[i]), tensors.MustCopyFlatData[float64](want[i])
				scale := gradient
				if i == 0 {
					scale = largest(w)
				}
				for k := range w {
					if !(math.Abs(g[k]-w[k]) <= 1e-12*scale) {
						t.Fatalf("%s: value %d is %g, want %g", part, k, g[k], w[k])
					}
				}
			}
		})
	}
}

// TestAverageFloat32: float32 loses little of the values and gradients, for statistics
// that are far from zero and much further from each other than similar ones are.
func TestAverageFloat32(t *testing.T) {
	for name, dims := range map[string][]int{"groups of one": {3, 1, 64}, "groups of four": {3, 4, 64}} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			var x64, x32 []any
			for range 3 { // a, b and u
				wide, narrow := make([]float64, size(dims)), make([]float32, size(dims))
				for i := range wide {
					narrow[i] = float32(100 + 30*rng.NormFloat64())
					wide[i] = float64(narrow[i])
				}
				x64 = append(x64, tensors.FromFlatDataAndDimensions(wide, dims...))
				x32 = append(x32, tensors.FromFlatDataAndDimensions(narrow, dims...))
			}
			want := MustNewExec(backend, withGradients(nearest.Average)).MustCall(x64...)
			got := MustNewExec(backend, withGradients(nearest.Average)).MustCall(x32...)
			for i, part := range parts {
				w, g := tensors.MustCopyFlatData[float64](want[i]), tensors.MustCopyFlatData[float32](got[i])
				var off, length float64
				for k := range w {
					off += (w[k] - float64(g[k])) * (w[k] - float64(g[k]))
					length += w[k] * w[k]
				}
				if off = math.Sqrt(off / length); !(off < 1e-4) {
					t.Errorf("%s: the error is %.1e of its length, want less than 1e-4", part, off)
				}
			}
		})
	}
}

// size is the number of values of a shape.
func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func largest(values []float64) float64 {
	highest := 0.0
	for _, v := range values {
		highest = math.Max(highest, math.Abs(v))
	}
	return highest
}
