package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// VarRunningCovariance is the name of DWT's running covariances between the
// channels of a group, [domains, groups, 4, 4]. Diagonals are 0: the variances
// are the running variance. Not trainable.
const VarRunningCovariance = "running_covariance"

// Constants of DWT (the paper and the authors' code).
const (
	whiteningGroup   = 4    // adjacent channels that are whitened together
	whiteningEpsilon = 1e-3 // share of the identity in the covariance
)

// dwt is the Domain-specific Whitening Transform: within groups of 4 adjacent
// channels the covariance becomes the identity, for each domain with its own
// statistics:
//
//	Σ^d = E_d[(x − μ^d)(x − μ^d)ᵀ]         [4, 4] a group, E the mean over batch and space
//	Σ'  = (1 − ε) Σ^d + ε I = L Lᵀ         ε = 1e-3
//	y   = γ L⁻¹(x − μ^d) + β
//
// γ and β are shared. Gradients pass the statistics. As in the authors' code
// there are min(C, 4) channels to a group, which must divide the C channels, and
// running averages are those of μ and of Σ before ε. They start at 0 and I (the
// authors' code starts Σ with ones throughout); with pretrained statistics of
// batch norm in the running mean and variance, Σ starts at the diagonal matrix
// of the variances. Options.Epsilon is not used. Any number of domains.
//
// The authors whiten in the first layers of a network and normalize channels one
// by one in the others; here every layer that is built with this norm whitens.
var dwt = Spec{
	Name:       "dwt",
	Summary:    "domain-specific whitening of groups of 4 channels, shared affine",
	Reference:  "Roy et al. 2019, arXiv 1903.03215",
	UsesTarget: true,
	method:     method{whitens: true},
}

// whiten builds the layer.
func (l *layer) whiten() *Node {
	g := l.x.Graph()
	group := min(whiteningGroup, l.channels)
	if l.channels%group != 0 {
		Panicf("rnlayer: %d channels of activations of shape %s in scope %q are not divisible into whitening groups of %d adjacent channels",
			l.channels, l.x.Shape(), l.scope.Scope(), group)
	}
	gamma, beta := l.affine()
	running := l.runningVariables()
	between := l.scope.WithInitializer(initializer.Zero).VariableWithShape(VarRunningCovariance,
		shapes.Make(l.x.DType(), l.domains, l.channels/group, group, group)).SetTrainable(false)
	training := l.scope.IsTraining(g)
	b := batch{l.x, l.axis, []int{l.x.Shape().Dim(0)}}
	if training {
		b.parts = l.parts()
	}
	var mean, covariance *Node
	if training || l.opts.Evaluation == EvalBatch {
		l.requireSamples(b)
		mean, covariance = b.covariances(group)
	} else {
		m := l.evaluationMoments(b, running)
		mean, covariance = m.Mean, Add(row(between.NodeValue(g), l.evaluationDomain()), diagonalMatrices(m.Variance, group))
	}
	if training && watcherOf(g) == nil {
		variance := variancesOf(covariance)
		running.update(Moments{Mean: mean, Variance: variance}, l.opts.Momentum)
		move(between, Sub(covariance, diagonalMatrices(variance, group)), l.opts.Momentum)
	}
	shrunk := Add(MulScalar(covariance, 1-whiteningEpsilon), MulScalar(diagonalMatrices(OnesLike(mean), group), whiteningEpsilon))
	white := batch{b.transform(mean, inverseCholesky(shrunk)), b.axis, b.parts}
	zero := ZerosLike(mean)
	return white.less(zero).normalize(zero, perPart(gamma, mean.Shape().Dim(0)), perPart(beta, mean.Shape().Dim(0)))
}

// inverseCholesky returns L⁻¹ of each matrix L Lᵀ, [parts, groups, n, n], by
// elimination on [Σ | I]: what turns Σ into Lᵀ turns I into L⁻¹. It is written
// in operations that have a gradient, for n of a few.
func inverseCholesky(sigma *Node) *Node {
	n := sigma.Shape().Dim(-1)
	at := func(x *Node, rows, columns SliceAxisSpec) *Node {
		return Slice(x, AxisRange(), AxisRange(), rows, columns)
	}
	identity := BroadcastToShape(InsertAxes(DiagonalWithValue(ScalarOne(sigma.Graph(), sigma.DType()), n), 0, 0), sigma.Shape())
	rest := Concatenate([]*Node{sigma, identity}, -1) // rows and columns from k on
	rows := make([]*Node, n)
	for k := range n {
		pivot := Sqrt(at(rest, AxisElem(0), AxisElem(0)))
		first := Div(at(rest, AxisElem(0), AxisRange(1)), pivot)
		rows[k] = at(first, AxisRange(), AxisRange(n-1-k))
		if k < n-1 {
			factor := Div(at(rest, AxisRange(1), AxisElem(0)), pivot)
			rest = Sub(at(rest, AxisRange(1), AxisRange(1)), Mul(factor, first))
		}
	}
	return Concatenate(rows, -2)
}

// variancesOf are the diagonals of covariances [parts, groups, n, n], as
// [parts, channels].
func variancesOf(covariance *Node) *Node {
	dims := covariance.Shape().Dimensions
	mask := DiagonalWithValue(ScalarOne(covariance.Graph(), covariance.DType()), dims[3])
	diagonal := ReduceSum(Mul(covariance, InsertAxes(mask, 0, 0)), -1)
	return Reshape(diagonal, dims[0], dims[1]*dims[2])
}

// diagonalMatrices are the matrices [parts, channels/n, n, n] that have values
// [parts, channels] on their diagonals.
func diagonalMatrices(values *Node, n int) *Node {
	mask := DiagonalWithValue(ScalarOne(values.Graph(), values.DType()), n)
	columns := Reshape(values, values.Shape().Dim(0), -1, n, 1)
	return Mul(columns, InsertAxes(mask, 0, 0))
}
