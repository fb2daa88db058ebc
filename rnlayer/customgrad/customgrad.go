// Package customgrad gives GoMLX nodes a gradient that the caller writes out.
//
// For values y₁ … y_n computed from inputs x₁ … x_m in any way, the caller supplies
// the backward pass
//
//	(∂L/∂y₁ … ∂L/∂y_n) ↦ (∂L/∂x₁ … ∂L/∂x_m)
//
// and [Gradient] uses it in place of the derivatives of the operations that computed
// the values. Reasons to do so: an operation has no gradient in GoMLX, or a formula
// keeps fewer arrays for the backward pass, or it compiles to fewer kernels.
//
// GoMLX itself supports this for functions of one node only, with
// [IdentityWithCustomGradient], on which this package builds. It depends on GoMLX
// alone.
package customgrad

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Value is [Values] for a single value: backward maps the adjoint ∂L/∂value to the
// gradients of the inputs.
func Value(value *Node, inputs []*Node, backward func(adjoint *Node) []*Node) *Node {
	return Values([]*Node{value}, inputs, func(adjoints []*Node) []*Node { return backward(adjoints[0]) })[0]
}

// Values returns the values unchanged, with backward as their gradient.
//
// backward receives the adjoint ∂L/∂y of every value, in the value's shape and dtype,
// and returns the gradient ∂L/∂x of every input, in the input's shape and dtype. An
// adjoint is zero where the loss L does not use the value. backward runs once in each
// backward pass of the graph that reaches the inputs, so that several calls of
// [Gradient] are independent of each other.
//
// Gradients flow to the inputs only: whatever else the values were computed from
// counts as constant.
//
// Values panics if there are no values or no inputs; a backward pass panics if the
// number or the shapes of the returned gradients are wrong.
func Values(values, inputs []*Node, backward func(adjoints []*Node) []*Node) []*Node {
	if len(values) == 0 || len(inputs) == 0 {
		Panicf("customgrad: got %d values and %d inputs, expected at least one of each", len(values), len(inputs))
	}
	f := &function{values: values, inputs: inputs, backward: backward}
	entry := f.enter()
	out := make([]*Node, len(values))
	for k := range values {
		out[k] = f.leave(k, entry)
	}
	return out
}

// function is a function with its own gradient, and the state of one backward pass.
//
// A backward pass visits nodes from the last to the first that was built: the values'
// exits and links, then the inputs' entries. Each exit notes its adjoint, and the first
// entry that is reached calls backward.
type function struct {
	values, inputs []*Node
	backward       func(adjoints []*Node) []*Node

	arrived   []*Node // adjoints at the exits, perhaps of an earlier pass
	adjoints  []*Node // adjoints of the present pass; nil where none has come
	gradients []*Node // of the inputs; nil until the first entry is reached
}

// enter returns a scalar that depends on every input. In a backward pass the inputs
// receive their gradients here, whatever the adjoint of the scalar.
func (f *function) enter() *Node {
	f.arrived, f.adjoints = make([]*Node, len(f.values)), make([]*Node, len(f.values))
	var entry *Node
	for i, input := range f.inputs {
		x := first(IdentityWithCustomGradient(input, func(_, _ *Node) *Node { return f.gradient(i) }))
		if entry == nil {
			entry = x
		} else {
			entry = Add(entry, ConvertDType(x, entry.DType()))
		}
	}
	return entry
}

// leave returns value k, tied to the entry by a choice that never takes the entry:
// compilers remove it, but backward passes follow it to the inputs.
func (f *function) leave(k int, entry *Node) *Node {
	value := f.values[k]
	link := IdentityWithCustomGradient(entry, func(_, v *Node) *Node {
		f.reach(k)
		return v
	})
	never := Const(value.Graph(), false)
	tied := Where(never, ConvertDType(link, value.DType()), StopGradient(value))
	return IdentityWithCustomGradient(tied, func(_, v *Node) *Node {
		f.arrived[k] = v
		return v
	})
}

// reach takes the adjoint that arrived at exit k into the present pass. Only a pass
// that goes on to the inputs comes here: one that ends at an exit must leave nothing
// behind for the next.
func (f *function) reach(k int) {
	if f.gradients != nil { // those of an earlier pass
		f.gradients = nil
		clear(f.adjoints)
	}
	f.adjoints[k] = f.arrived[k]
}

// gradient returns the gradient of input i in the present pass.
func (f *function) gradient(i int) *Node {
	if f.gradients == nil {
		for k, adjoint := range f.adjoints {
			if adjoint == nil {
				f.adjoints[k] = ZerosLike(f.values[k])
			}
		}
		f.gradients = f.checked(f.backward(slices.Clone(f.adjoints)))
	}
	return f.gradients[i]
}

// checked returns the gradients that backward made, or panics.
func (f *function) checked(gradients []*Node) []*Node {
	if len(gradients) != len(f.inputs) {
		Panicf("customgrad: the backward function returned %d gradients, expected %d: one for each input", len(gradients), len(f.inputs))
	}
	for i, input := range f.inputs {
		if gradients[i] == nil || !gradients[i].Shape().Equal(input.Shape()) {
			Panicf("customgrad: the backward function returned %v as the gradient of input %d, expected the input's shape %s",
				gradients[i], i, input.Shape())
		}
	}
	return gradients
}

// first returns the first element of x as a scalar.
func first(x *Node) *Node {
	return Reshape(Slice(x, slices.Repeat([]SliceAxisSpec{AxisElem(0)}, x.Rank())...))
}
