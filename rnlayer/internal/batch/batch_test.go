package batch_test

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

	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
	"github.com/reciprocalnorm/rn/rnlayer/internal/oracle"
)

// backend of the tests: the pure Go one unless $GOMLX_BACKEND names another.
var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// TestMomentsAndNormalize compares mean, variance and x normalized with them, and the
// gradient of all three, with the oracle's loops and central differences, for parts of
// equal and different size.
func TestMomentsAndNormalize(t *testing.T) {
	const channels = 3
	for _, c := range []struct {
		positions []int
		parts     []int
	}{
		{nil, []int{5}}, {nil, []int{3, 3}}, {nil, []int{2, 4}},
		{[]int{2, 2}, []int{3}}, {[]int{2, 2}, []int{2, 2}}, {[]int{2, 2}, []int{1, 3, 2}},
	} {
		t.Run(fmt.Sprint(c.positions, c.parts), func(t *testing.T) {
			dims := []int{0}
			for _, n := range c.parts {
				dims[0] += n
			}
			dims = append(append(dims, c.positions...), channels)
			size := 1
			for _, n := range dims {
				size *= n
			}
			rng := rand.New(rand.NewPCG(uint64(size), 0))
			noise := func(n int) []float64 {
				values := make([]float64, n)
				for i := range values {
					values[i] = rng.NormFloat64()
				}
				return values
			}
			x, weights := noise(size), noise(size+2*len(c.parts)*channels) // of y, the means and the variances

			graph := func(x, weights *Node) (outputs, gradient *Node) {
				b := batch.Batch{X: x, Axis: len(dims) - 1, Parts: c.parts}
				m, centred := b.Moments()
				y := centred.Normalize(m.Mean, batch.Scale(OnesLike(m.Mean), m.Variance, 0.1), ZerosLike(m.Mean))
				flat := func(n *Node) *Node { return Reshape(n, -1) }
				outputs = Concatenate([]*Node{flat(y), flat(m.Mean), flat(m.Variance)}, 0)
				return outputs, Gradient(ReduceAllSum(Mul(outputs, weights)), x)[0]
			}
			got, gradient := MustNewExec(backend, graph).MustCall2(tensors.FromFlatDataAndDimensions(x, dims...), weights)

			expected := func() []float64 {
				var y, means, variances []float64
				for d, m := range oracle.DomainMoments(x, c.parts, channels) {
					for range c.parts[d] * size / (dims[0] * channels) {
						for ch := range channels {
							y = append(y, (x[len(y)]-m.Mean[ch])/math.Sqrt(m.Variance[ch]+0.1))
						}
					}
					means, variances = append(means, m.Mean...), append(variances, m.Variance...)
				}
				return append(append(y, means...), variances...)
			}
			loss := func() float64 {
				sum := 0.0
				for i, v := range expected() {
					sum += v * weights[i]
				}
				return sum
			}
			requireClose(t, "outputs", tensors.MustCopyFlatData[float64](got), expected(), 1e-12)
			numeric := make([]float64, size)
			for i := range numeric {
				numeric[i] = oracle.Derivative(loss, &x[i], 1e-4)
			}
			requireClose(t, "gradient", tensors.MustCopyFlatData[float64](gradient), numeric, 1e-8)
		})
	}
}

// TestPerPart: the gradient of a parameter that parts share is the sum over the parts.
func TestPerPart(t *testing.T) {
	out, err := CallOnceN(backend, func(shared, own, adjoint *Node) []*Node {
		s, o := batch.PerPart(shared, 2), batch.PerPart(own, 2)
		return append([]*Node{s, o}, Gradient(ReduceAllSum(Mul(Add(s, o), adjoint)), shared, own)...)
	}, []float64{1, 2}, [][]float64{{3, 4}, {5, 6}}, [][]float64{{10, 20}, {30, 40}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[[1 2] [1 2]]", "[[3 4] [5 6]]", "[40 60]", "[[10 20] [30 40]]"} {
		if got := fmt.Sprint(out[i].Value()); got != want {
			t.Errorf("output %d is %s, want %s", i, got, want)
		}
	}
}

// requireClose fails if values differ by more than the tolerance, relative to the
// largest.
func requireClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	scale := 1.0
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance*scale) {
			t.Fatalf("%s: value %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}
