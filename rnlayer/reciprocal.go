package rnlayer

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"

	"github.com/reciprocalnorm/rn/rnlayer/internal/axes"
	"github.com/reciprocalnorm/rn/rnlayer/internal/batch"
	"github.com/reciprocalnorm/rn/rnlayer/internal/exchange"
	"github.com/reciprocalnorm/rn/rnlayer/internal/nearest"
)

// Names of the gates of an RN layer, [domains, channels] each.
const (
	VarMeanGate     = "mean_gate"     // a for the means
	VarVarianceGate = "variance_gate" // a for the variances
)

// reciprocalNorm is Reciprocal Normalization, see the package comment.
var reciprocalNorm = Spec{
	Name:       "rn",
	Summary:    "reciprocal normalization: statistics compensated by the other domain, learned gates",
	Reference:  "Huang et al. 2021, arXiv 2112.10474",
	UsesTarget: true,
	Options:    []string{"compensate", "aggregate", "own_share", "gate_min", "share", "distance", "group_size"},
	method:     method{mix: reciprocal},
}

// reciprocal returns μ̃ and ṽ for the domains' own μ and v, all [domains, channels].
// For either statistic, with s of a domain and t of the other one:
//
//	P = softmax_j(−(s_i − t_j)²)     correlation of the channels
//	ŝ = P t                          reciprocal compensation (RC)
//	s̃ = a ⊙ s + (1 − a) ⊙ ŝ         reciprocal aggregation (RA)
//
// [Options] switches RC and RA off and leaves one of the statistics as it is.
func reciprocal(l *layer, own batch.Moments) batch.Moments {
	mixMean, mixVariance := l.opts.Share != ShareVariance, l.opts.Share != ShareMean
	var stats, gates []*Node
	if mixMean {
		stats, gates = append(stats, own.Mean), append(gates, l.gate(VarMeanGate))
	}
	if mixVariance {
		stats, gates = append(stats, own.Variance), append(gates, l.gate(VarVarianceGate))
	}
	mixed := l.compensate(stats)
	for i, compensated := range mixed {
		mixed[i] = aggregate(stats[i], compensated, gates[i])
	}
	used := own
	if mixMean {
		used.Mean = mixed[0]
	}
	if mixVariance {
		used.Variance = mixed[len(mixed)-1]
	}
	l.watch(own, used)
	return used
}

// aggregate is RA: s̃ = a ⊙ s + (1 − a) ⊙ ŝ, written s + (1 − a) ⊙ (ŝ − s), so that
// s̃ is exactly s at a = 1.
func aggregate(own, compensated, gate *Node) *Node {
	return Add(own, Mul(OneMinus(gate), Sub(compensated, own)))
}

// gate returns the gate a of the given name, [domains, channels]: learned, from 1 on,
// or without RA the constant [Options].OwnShare.
func (l *layer) gate(name string) *Node {
	g, shape := l.x.Graph(), shapes.Make(l.x.DType(), l.domains, l.channels)
	if !l.opts.Aggregate {
		return BroadcastToShape(Scalar(g, shape.DType, l.opts.OwnShare), shape)
	}
	l.scope.SetParam(paramGateMin, l.opts.GateMin)
	return l.scope.WithInitializer(initializer.One).VariableWithShape(name, shape).NodeValue(g)
}

// compensate is RC: it returns ŝ for each statistic s, [domains, channels]. With K > 2
// domains ŝ is the mean over the K − 1 other domains; without RC ŝ is t, the same
// channel of the other domain.
//
// All statistics and pairs of domains are compensated together, as rows
// [(K − 1)·statistics·K, channels], so that a layer compiles to few kernels. Gates are
// not joined in this way: XLA's CUDA compiler may take them into the kernel of the
// correlations, and cannot compile slices of what is computed from a concatenation.
func (l *layer) compensate(stats []*Node) []*Node {
	own := axes.Concatenate(stats)
	others := exchange.Others(own, l.domains)
	if l.opts.Compensate {
		others = l.lookUp(exchange.Copies(own, l.domains-1), others)
	}
	if l.domains > 2 {
		others = ReduceMean(Reshape(others, l.domains-1, -1, l.channels), 0)
	}
	return exchange.PerStatistic(others, l.domains)
}

// lookUp returns ŝ = P t for rows s and t, [n, channels]. Channels are compared in
// groups and P mixes groups, member by member.
func (l *layer) lookUp(s, t *Node) *Node {
	a, b := l.inGroups(s), l.inGroups(t)
	if l.opts.Distance == DistanceL2 {
		return ofGroups(nearest.Average(a, b)) // the same values, with a gradient that needs less memory
	}
	return ofGroups(Einsum("nij,ngj->ngi", correlation(l.opts.Distance, a, b), b))
}

// correlation returns P [n, groups, groups]: P_ij, the softmax over j of the similarity
// of a_i and b_j, says how much group j of b behaves like group i of a. a and b are
// [n, group size, groups]; see [Distance] for the similarities.
func correlation(distance Distance, a, b *Node) *Node {
	rows, columns := InsertAxes(ReduceMean(a, 1), -1), InsertAxes(ReduceMean(b, 1), 1) // ā_i [n, i, 1], b̄_j [n, 1, j]
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
		Panicf("rnlayer: distance is %q, expected one of %q", distance, Distances())
	}
	return Softmax(similarity, -1)
}

// unit divides each vector along axis 1 by its length. The constant 1e-12 keeps the
// gradient finite at zero.
func unit(v *Node) *Node {
	return Div(v, Sqrt(AddScalar(ReduceAndKeep(Square(v), ReduceSum, 1), 1e-12)))
}

// inGroups reshapes rows [n, channels] to [n, group size, groups], groups of adjacent
// channels.
func (l *layer) inGroups(rows *Node) *Node {
	size, err := l.opts.groupSize(l.channels)
	if err != nil {
		Panicf("rnlayer: in scope %q: %v", l.scope.Scope(), err)
	}
	if size == 1 {
		return InsertAxes(rows, 1)
	}
	return Transpose(Reshape(rows, -1, l.channels/size, size), 1, 2)
}

// ofGroups is the inverse of inGroups.
func ofGroups(groups *Node) *Node {
	if groups.Shape().Dim(1) == 1 {
		return Squeeze(groups, 1)
	}
	return Reshape(Transpose(groups, 1, 2), groups.Shape().Dim(0), -1)
}
