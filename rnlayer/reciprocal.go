package rnlayer

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Names of the gates of an RN layer, [domains, channels] each.
const (
	VarMeanGate     = "mean_gate"     // a of the means
	VarVarianceGate = "variance_gate" // a of the variances
)

// reciprocalNorm is the layer that this package is about; see the package
// comment.
var reciprocalNorm = Spec{
	Name:       "rn",
	Summary:    "reciprocal normalization: statistics compensated by the other domain, learned gates",
	Reference:  "Huang et al. 2021, arXiv 2112.10474",
	UsesTarget: true,
	method:     method{mix: reciprocal},
}

// reciprocal is Reciprocal Normalization's treatment of the domains' own
// statistics: compensation, then aggregation.
func reciprocal(l *layer, own Moments) Moments {
	stats, shares := l.shared(own)
	mixed := l.perStatistic(l.compensate(concatenate(stats)))
	for i, stat := range stats {
		mixed[i] = Add(stat, Mul(shares[i], Sub(mixed[i], stat)))
	}
	used := own
	if l.opts.Share != ShareVariance {
		used.Mean = mixed[0]
	}
	if l.opts.Share != ShareMean {
		used.Variance = mixed[len(mixed)-1]
	}
	if w := watcherOf(l.x.Graph()); w != nil {
		w.record(l, own, used)
	}
	return used
}

// shared returns the statistics that are aggregated and the shares of the others',
// [domains, channels] each: 1 less the gates, which without aggregation are the
// constant OwnShare. They stay apart but for the look-ups: XLA's CUDA compiler may
// take the gates into a kernel of those, and does not compile slices of what is
// computed from a concatenation.
func (l *layer) shared(own Moments) (stats, shares []*Node) {
	add := func(stat *Node, gate string) {
		stats = append(stats, stat)
		shares = append(shares, OneMinus(l.gate(gate)))
	}
	if l.opts.Share != ShareVariance {
		add(own.Mean, VarMeanGate)
	}
	if l.opts.Share != ShareMean {
		add(own.Variance, VarVarianceGate)
	}
	return stats, shares
}

// perStatistic takes statistics [statistics·domains, channels] apart into those of
// [domains, channels]. Its gradient is a concatenation: that of slices is a sum of
// zeros with a slice each.
func (l *layer) perStatistic(stats *Node) []*Node {
	parts := make([]*Node, stats.Shape().Dim(0)/l.domains)
	for i := range parts {
		parts[i] = Slice(stats, AxisRange(i*l.domains, (i+1)*l.domains))
	}
	return withGradient(parts, []*Node{stats}, func(adjoints []*Node) []*Node {
		return []*Node{concatenate(adjoints)}
	})
}

// gate returns the gate of the given name, [domains, channels].
func (l *layer) gate(name string) *Node {
	g, shape := l.x.Graph(), shapes.Make(l.x.DType(), l.domains, l.channels)
	if !l.opts.Aggregate {
		return BroadcastToShape(Scalar(g, shape.DType, l.opts.OwnShare), shape)
	}
	l.scope.SetParam(ParamGateMin, l.opts.GateMin) // for ProjectGates
	return l.scope.WithInitializer(initializer.One).VariableWithShape(name, shape).NodeValue(g)
}

// compensate returns for each domain what its statistics are as seen from the
// other domains: [statistics·domains, channels] → the same shape. With K > 2
// domains it is the mean over the other domains.
//
// All pairs of domains and both statistics are one batch of correlations
// [(K − 1)·statistics·K, groups, groups], so that a layer costs the compiler
// and the device a few kernels.
func (l *layer) compensate(stats *Node) *Node {
	others := otherDomains(stats, l.domains)
	if l.opts.Compensate {
		others = l.lookUp(copies(stats, l.domains-1), others)
	}
	if l.domains == 2 {
		return others
	}
	return ReduceMean(Reshape(others, l.domains-1, -1, l.channels), 0)
}

// lookUp returns the statistics others as they are correlated with own, all
// [n, channels].
func (l *layer) lookUp(own, others *Node) *Node {
	a, b := l.inGroups(own), l.inGroups(others)
	if l.opts.Distance == DistanceL2 {
		return ofGroups(nearest(a, b))
	}
	return ofGroups(Einsum("nij,ngj->ngi", correlation(l.opts.Distance, a, b), b))
}

// copies returns stats so many times, [n, channels] → [times·n, channels].
func copies(stats *Node, times int) *Node {
	if times == 1 {
		return stats
	}
	all := concatenate(slices.Repeat([]*Node{stats}, times))
	return withGradient([]*Node{all}, []*Node{stats}, func(adjoints []*Node) []*Node {
		sum := ReduceSum(Reshape(adjoints[0], times, -1, stats.Shape().Dim(1)), 0)
		return OptimizationBarriers(sum, adjoints[0])[:1] // or XLA sums anew for each position of the layer's input
	})[0]
}

// otherDomains returns, for r = 1 … K − 1, the statistics of domain (d + r) mod K
// in the place of domain d: [n·K, channels] → [(K − 1)·n·K, channels]. The gradient
// is the sum of what is rolled back.
func otherDomains(stats *Node, k int) *Node {
	n := stats.Shape().Dim(0)
	rolled := make([]*Node, k-1)
	for i := range rolled {
		rolled[i] = roll(stats, k, i+1)
	}
	return withGradient([]*Node{concatenate(rolled)}, []*Node{stats}, func(adjoints []*Node) []*Node {
		sum := roll(Slice(adjoints[0], AxisRange(0, n)), k, k-1)
		for i := 1; i < k-1; i++ {
			sum = Add(sum, roll(Slice(adjoints[0], AxisRange(i*n, (i+1)*n)), k, k-1-i))
		}
		if k > 2 {
			sum = OptimizationBarriers(sum, adjoints[0])[0] // as in copies
		}
		return []*Node{sum}
	})[0]
}

// roll returns the statistics of domain (d + r) mod K in the place of domain d,
// [n·K, channels].
func roll(stats *Node, k, r int) *Node {
	var rows []*Node
	for i := 0; i < stats.Shape().Dim(0); i += k {
		rows = append(rows, Slice(stats, AxisRange(i+r, i+k)), Slice(stats, AxisRange(i, i+r)))
	}
	return concatenate(rows)
}

// inGroups takes statistics [n, channels] apart into [n, group size, groups].
func (l *layer) inGroups(stats *Node) *Node {
	size, err := l.opts.groupSize(l.channels)
	if err != nil {
		Panicf("rnlayer: in scope %q: %v", l.scope.Scope(), err)
	}
	if size == 1 {
		return InsertAxes(stats, 1)
	}
	return Transpose(Reshape(stats, -1, l.channels/size, size), 1, 2)
}

// ofGroups is the inverse of inGroups.
func ofGroups(stats *Node) *Node {
	if stats.Shape().Dim(1) == 1 {
		return Squeeze(stats, 1)
	}
	return Reshape(Transpose(stats, 1, 2), stats.Shape().Dim(0), -1)
}

// correlation returns P[n, i, j] = softmax_j(similarity(a[n, i], b[n, j])) for
// statistics a, b of [n, group size, groups]: how much group j of b behaves
// like group i of a.
func correlation(distance Distance, a, b *Node) *Node {
	rows, columns := InsertAxes(ReduceMean(a, 1), -1), InsertAxes(ReduceMean(b, 1), 1) // [n, i, 1], [n, 1, j]
	var similarity *Node
	switch distance {
	case DistanceL2:
		similarity = Neg(Square(Sub(rows, columns)))
	case DistanceL1:
		similarity = Neg(Abs(Sub(rows, columns)))
	case DistanceDot:
		similarity = Einsum("ngi,ngj->nij", a, b)
	case DistanceCosine:
		similarity = Einsum("ngi,ngj->nij", unit(a), unit(b))
	default:
		Panicf("rnlayer: distance %q: want one of %q", distance, Distances())
	}
	return Softmax(similarity, -1)
}

// unit divides each vector along axis 1 of v by its length. The small constant
// keeps the gradient finite at zero.
func unit(v *Node) *Node {
	return Div(v, Sqrt(AddScalar(ReduceAndKeep(Square(v), ReduceSum, 1), 1e-12)))
}
