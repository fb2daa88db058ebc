package rnlayer

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// nearest returns what statistics a look like among b, both [n, groups, group size],
// compared by [DistanceL2] between the averages ā, b̄ of groups:
//
//	o_i = Σ_j P_ij b_j,   P_ij = e_ij / Σ_k e_ik,   e_ij = exp(−(ā_i − b̄_j)²)
//
// It is correlation and the product with it, with a gradient written out, so that
// of the matrices [n, groups, groups] none has to be kept for the backward pass,
// and the forward pass is one loop for XLA. With u the gradient of o:
//
//	∂b_j = Σ_i P_ij u_i + ∂b̄_j/size      H_ij = P_ij ⟨u_i, b_j − o_i⟩ (ā_i − b̄_j)
//	∂a_i = ∂ā_i/size                     ∂ā_i = −2 Σ_j H_ij,   ∂b̄_j = 2 Σ_i H_ij
func nearest(a, b *Node) *Node {
	size := b.Shape().Dim(-1)
	aMean, bMean := groupMeans(a), groupMeans(b)
	e := closeness(across(aMean, 2), across(bMean, 1), 2) // [n, i, j]
	// Both sums over j in one product: Σ_j e_ij (b_j, 1).
	sums := Einsum("nij,njg->nig", e, Concatenate([]*Node{b, OnesLike(SliceAxis(b, 2, AxisElem(0)))}, -1))
	total := SliceAxis(sums, 2, AxisElem(size))
	o := Div(SliceAxis(sums, 2, AxisRange(0, size)), total)
	return withGradient([]*Node{o}, []*Node{a, b}, func(adjoints []*Node) []*Node {
		var da, db []*Node
		u := adjoints[0]
		last := u
		for _, rows := range matricesAtOnce(e) {
			of := func(x *Node) *Node { return SliceAxis(x, 0, rows) }
			w := Div(of(u), of(total)) // P_ij u_i is e_ij w_i
			daSome, dbSome := nearestGradient(after(last, of(aMean)), of(bMean), of(b), of(o), after(last, w))
			da, db, last = append(da, daSome), append(db, dbSome), dbSome
		}
		return []*Node{concatenate(da), concatenate(db)}
	})[0]
}

// nearestGradient returns the gradients of a and of b, given w = u_i/Σ_k e_ik.
func nearestGradient(aMean, bMean, b, o, w *Node) (da, db *Node) {
	rows, columns := across(aMean, 1), across(bMean, 2)
	e := closeness(rows, columns, 1) // [n, j, i], which suits the product
	// Twice the difference: XLA would keep the difference itself, once computed for e.
	h := Mul(Mul(e, inner(b, w, o)), Sub(across(MulScalar(aMean, 2), 1), across(MulScalar(bMean, 2), 2)))
	perGroup := func(d *Node) *Node {
		return ExpandAndBroadcast(DivScalar(d, float64(b.Shape().Dim(-1))), b.Shape().Dimensions, []int{2})
	}
	da = perGroup(Neg(ReduceSum(h, 1)))
	db = Add(Einsum("nji,nig->njg", e, w), perGroup(ReduceSum(h, 2)))
	return da, db
}

// groupMeans returns the averages of groups, [n, groups, group size] → [n, groups].
func groupMeans(x *Node) *Node {
	if x.Shape().Dim(-1) == 1 {
		return Squeeze(x, -1)
	}
	return ReduceMean(x, -1)
}

// across repeats x [n, groups] as often along a new axis: [n, groups, groups].
func across(x *Node, axis int) *Node {
	n, groups := x.Shape().Dim(0), x.Shape().Dim(1)
	return ExpandAndBroadcast(x, []int{n, groups, groups}, []int{axis})
}

// closeness returns exp(−(a − b)²) of matrices [n, groups, groups], over its largest
// value along an axis, for the statistic that is far from all others.
func closeness(a, b *Node, axis int) *Node {
	s := Neg(Square(Sub(a, b)))
	return Exp(Sub(s, across(ReduceMax(s, axis), axis)))
}

// inner returns ⟨w_i, b_j − o_i⟩, [n, j, i], of vectors [n, groups, group size].
func inner(b, w, o *Node) *Node {
	if b.Shape().Dim(-1) == 1 {
		of := groupMeans
		return Mul(across(of(w), 1), Sub(across(of(b), 2), across(of(o), 1)))
	}
	column := OnesLike(SliceAxis(b, 2, AxisElem(0))) // of 1, times that of −⟨w_i, o_i⟩
	b = Concatenate([]*Node{b, column}, -1)
	w = Concatenate([]*Node{w, Neg(ReduceAndKeep(Mul(w, o), ReduceSum, -1))}, -1)
	return Einsum("njg,nig->nji", b, w)
}

// matrixEntries is the most entries of matrices [n, groups, groups] that are
// computed at once, in a backward pass that takes more than one of them: 8 MiB in
// float32. What is larger leaves the caches of CPUs, and costs memory.
const matrixEntries = 2 << 20

// matricesAtOnce cuts the n matrices of e into ranges that are computed at once.
func matricesAtOnce(e *Node) []SliceAxisSpec {
	dims := e.Shape().Dimensions
	n, most := dims[0], max(1, matrixEntries/(dims[1]*dims[2]))
	var ranges []SliceAxisSpec
	for i := 0; i < n; i += most {
		ranges = append(ranges, AxisRange(i, min(i+most, n)))
	}
	return ranges
}

// after returns values such that they cannot be computed before those given, whose
// first may be NaN and is then returned. XLA would compute, and keep, in the forward
// pass what depends on it alone, and all that it can before it goes on.
func after(given, values *Node) *Node {
	x := first(given)
	return Where(NotEqual(x, x), x, values)
}
