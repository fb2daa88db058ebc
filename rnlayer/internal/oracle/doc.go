// Package oracle computes the normalization layers in float64 with plain loops, so that
// tests can compare fast implementations with it. It follows the published formulas,
// shares no code with the implementations, and is slow on purpose.
//
// A batch x is a slice of shape [rows, positions, channels] in row-major order: positions
// is the product of the spatial axes (1 for a dense layer), and the rows of domain 0 come
// first, then the rows of domain 1 and so on, sizes[d] rows each. The number of positions
// follows from len(x). Functions panic on bad arguments, which are errors of a test.
//
// [Config.Train] normalizes a training batch and moves the running statistics of
// its [State]; [Config.Infer] normalizes with them. [Config.Correlations] returns
// the matrices P of Reciprocal Normalization, [Derivative] a numerical
// derivative of anything computed here.
//
// # Comparison with the authors' code
//
// The distances l2 and l1 compare group averages. The distance dot, which the authors'
// code calls cosine, is the dot product of the two groups' g-vectors of statistics,
// Σ_k a[i,k]·b[j,k], neither divided by g nor taken between averages: only this reading
// agrees with their golden numbers for g = 2. For g = 1 all readings are the same.
package oracle
