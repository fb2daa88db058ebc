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
//
// As the P_ij of an i add up to 1, for groups of one channel that is
//
//	∂b_j = Σ_i K_ij,   ∂a_i = u_i − Σ_j K_ij,   K_ij = P_ij u_i + 2 H_ij
func nearest(a, b *Node) *Node {
	size := b.Shape().Dim(-1)
	p := pairs{aMean: groupMeans(a), bMean: groupMeans(b)}
	p.least = ReduceMin(Square(Sub(across(p.bMean, 2), across(p.aMean, 1))), 1) // of [n, j, i]
	sim := Neg(Square(Sub(across(p.aMean, 2), across(p.bMean, 1))))
	e := Exp(Sub(sim, across(ReduceMax(sim, 2), 2))) // [n, i, j]
	// Both sums over j in one product: Σ_j e_ij (b_j, 1).
	sums := Einsum("nij,njg->nig", e, Concatenate([]*Node{b, OnesLike(SliceAxis(b, 2, AxisElem(0)))}, -1))
	total := SliceAxis(sums, 2, AxisElem(size))
	o := Div(SliceAxis(sums, 2, AxisRange(0, size)), total)
	return withGradient([]*Node{o}, []*Node{a, b}, func(adjoints []*Node) []*Node {
		var da, db []*Node
		u := adjoints[0]
		w := Div(u, total) // P_ij u_i is e_ij w_i
		last := w
		for _, rows := range matricesAtOnce(e) {
			of := func(x *Node) *Node { return SliceAxis(x, 0, rows) }
			some := pairs{aMean: after(last, of(p.aMean)), bMean: of(p.bMean), least: of(p.least)}
			daSome, dbSome := some.gradient(of(b), of(o), of(u), of(w))
			da, db, last = append(da, daSome), append(db, dbSome), dbSome
		}
		return []*Node{concatenate(da), concatenate(db)}
	})[0]
}

// pairs are averages of groups that are compared, with min_j (ā_i − b̄_j)²,
// [n, groups] each.
type pairs struct{ aMean, bMean, least *Node }

// gradient returns the gradients of a and of b, [n, groups, group size].
func (p pairs) gradient(b, o, u, w *Node) (da, db *Node) {
	nb := Neg(p.bMean)
	minus := across(nb, 2)
	difference := Add(across(p.aMean, 1), minus)
	e := Exp(Sub(across(p.least, 1), Square(difference))) // [n, j, i], which suits the product
	if size := b.Shape().Dim(-1); size > 1 {
		// Twice the difference: XLA would keep the difference itself, once computed for e.
		h := Mul(Mul(e, inner(b, w, o)), Sub(across(MulScalar(p.aMean, 2), 1), across(MulScalar(p.bMean, 2), 2)))
		perGroup := func(d *Node) *Node {
			return ExpandAndBroadcast(DivScalar(d, float64(size)), b.Shape().Dimensions, []int{2})
		}
		return perGroup(Neg(ReduceSum(h, 1))), Add(Einsum("nji,nig->njg", e, w), perGroup(ReduceSum(h, 2)))
	}
	h := Mul(Add(across(groupMeans(o), 1), minus), difference) // −H_ij/(P_ij u_i)
	k := Mul(e, Mul(across(groupMeans(w), 1), OneMinus(Add(h, h))))
	e2 := Exp(Sub(across(p.least, 2), Square(Add(across(p.aMean, 2), across(nb, 1)))))
	v := ReduceSum(Mul(e2, Square(Add(across(groupMeans(o), 2), across(nb, 1)))), 2)
	da = Mul(groupMeans(w), Add(v, v))
	return InsertAxes(da, -1), InsertAxes(ReduceSum(k, 2), -1)
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

// inner returns ⟨w_i, b_j − o_i⟩, [n, j, i], of vectors [n, groups, group size].
func inner(b, w, o *Node) *Node {
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
