// Package oracle computes normalization layers in float64 with plain loops, for
// tests to compare fast implementations with. It is written from the published
// formulas alone, shares no code with what it checks, and is slow on purpose.
//
// A batch x is a slice of shape [rows, positions, channels] in row-major order:
// positions is the product of the spatial axes (1 for a dense layer), and the
// rows of domain 0 come first, then those of domain 1 and so on, sizes[d] rows
// each. The number of positions follows from len(x). Bad arguments panic: a test
// that gives them is wrong.
//
// [Config.Train] normalizes a training batch and moves the running statistics of
// its [State]; [Config.Infer] normalizes with them. [Config.Correlations] returns
// the matrices P of Reciprocal Normalization, [Derivative] a numerical
// derivative of anything computed here.
//
// # Where it stands against the authors' code
//
// The distances l2 and l1 compare group averages. The distance dot, which the
// authors' code calls cosine, does not: it is the dot product of the two groups'
// g-vectors of statistics, Σ_k a[i,k]·b[j,k], neither divided by g nor taken
// between averages. Their golden numbers with g = 2 agree with that one only. With
// g = 1 all readings are the same.
package oracle
