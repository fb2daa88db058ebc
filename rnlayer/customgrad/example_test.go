package customgrad_test

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/reciprocalnorm/rn/rnlayer/customgrad"
)

// The derivative of log(1 + eˣ) is the sigmoid. GoMLX would differentiate the
// logarithm and the exponential one after the other, which is ∞/∞ for large x.
func ExampleValue() {
	softplus := func(x *Node) *Node {
		y := Add(MaxScalar(x, 0), Log1P(Exp(Neg(Abs(x)))))
		return customgrad.Value(y, []*Node{x}, func(adjoint *Node) []*Node {
			return []*Node{Mul(adjoint, Sigmoid(x))}
		})
	}
	outputs, err := CallOnceN(backend, func(x *Node) []*Node {
		y := softplus(x)
		return []*Node{y, Gradient(ReduceAllSum(y), x)[0]}
	}, []float64{-2, 0, 800})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("softplus   %.3f\n", outputs[0].Value())
	fmt.Printf("derivative %.3f\n", outputs[1].Value())
	// Output:
	// softplus   [0.127 0.693 800.000]
	// derivative [0.119 0.500 1.000]
}

// Quotient and product share one backward pass, which receives the adjoints of both.
func ExampleValues() {
	outputs, err := CallOnceN(backend, func(a, b *Node) []*Node {
		inverse := Inverse(b)
		quotient := Mul(a, inverse)
		values := customgrad.Values([]*Node{quotient, Mul(a, b)}, []*Node{a, b}, func(adjoints []*Node) []*Node {
			scaled := Mul(adjoints[0], inverse)
			return []*Node{
				Add(scaled, Mul(adjoints[1], b)),
				Sub(Mul(adjoints[1], a), Mul(scaled, quotient)),
			}
		})
		return append(values, Gradient(Add(values[0], values[1]), a, b)...)
	}, 6.0, 2.0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, name := range []string{"a/b", "a·b", "∂a", "∂b"} {
		fmt.Println(name, outputs[i].Value())
	}
	// Output:
	// a/b 3
	// a·b 12
	// ∂a 2.5
	// ∂b 4.5
}
