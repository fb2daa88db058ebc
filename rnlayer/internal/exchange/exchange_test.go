package exchange_test

import (
	"os"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/reciprocalnorm/rn/rnlayer/internal/exchange"
)

// backend of the tests: the pure Go one unless $GOMLX_BACKEND names another.
var backend compute.Backend

func TestMain(m *testing.M) {
	compute.DefaultConfig = "go"
	backend = compute.MustNew()
	os.Exit(m.Run())
}

// requireRows checks that row r of f(stack) is row source[r] of a stack of so many rows,
// and that the gradient adds the adjoint of every row to the row it came from.
func requireRows(t *testing.T, rows int, f func(stack *Node) *Node, source []int) {
	t.Helper()
	const channels = 3
	stack, adjoint := make([]float64, rows*channels), make([]float64, len(source)*channels)
	for i := range stack {
		stack[i] = float64(i)
	}
	for i := range adjoint {
		adjoint[i] = float64(i*i%17) - 5
	}
	values, gradient := make([]float64, len(adjoint)), make([]float64, len(stack))
	for r, from := range source {
		for c := range channels {
			values[r*channels+c] = stack[from*channels+c]
			gradient[from*channels+c] += adjoint[r*channels+c]
		}
	}
	out, err := CallOnceN(backend, func(stack, adjoint *Node) []*Node {
		y := f(stack)
		return []*Node{y, Gradient(ReduceAllSum(Mul(y, adjoint)), stack)[0]}
	}, tensors.FromFlatDataAndDimensions(stack, rows, channels), tensors.FromFlatDataAndDimensions(adjoint, len(source), channels))
	if err != nil {
		t.Fatal(err)
	}
	if got := tensors.MustCopyFlatData[float64](out[0]); !slices.Equal(got, values) {
		t.Errorf("values %v, want %v", got, values)
	}
	if got := tensors.MustCopyFlatData[float64](out[1]); !slices.Equal(got, gradient) {
		t.Errorf("gradient %v, want %v", got, gradient)
	}
}

// TestOthers: domain (d + r) mod K is in the place of domain d, for r = 1 … K − 1.
func TestOthers(t *testing.T) {
	for _, domains := range []int{2, 3, 4} {
		const statistics = 2
		var source []int
		for r := 1; r < domains; r++ {
			for s := range statistics {
				for d := range domains {
					source = append(source, s*domains+(d+r)%domains)
				}
			}
		}
		requireRows(t, statistics*domains, func(stack *Node) *Node { return exchange.Others(stack, domains) }, source)
	}
}

func TestCopies(t *testing.T) {
	for _, times := range []int{1, 2, 3} {
		var source []int
		for range times {
			source = append(source, 0, 1, 2, 3)
		}
		requireRows(t, 4, func(stack *Node) *Node { return exchange.Copies(stack, times) }, source)
	}
}

// TestPerStatistic joins the statistics in the opposite order.
func TestPerStatistic(t *testing.T) {
	requireRows(t, 6, func(stack *Node) *Node {
		parts := exchange.PerStatistic(stack, 3)
		if len(parts) != 2 {
			t.Fatalf("%d statistics, want 2", len(parts))
		}
		return Concatenate([]*Node{parts[1], parts[0]}, 0)
	}, []int{3, 4, 5, 0, 1, 2})
}
