// Package tsne embeds vectors in the plane by t-SNE, for figures of features by
// domain and class (van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR
// 2008).
//
// The places y of the vectors x minimize KL(P‖Q), with
//
//	p_{j|i} ∝ exp(−β_i |x_i − x_j|²)
//	p_ij    = (p_{j|i} + p_{i|j})/2n
//	q_ij    ∝ (1 + |y_i − y_j|²)⁻¹
//
// where β_i makes the entropy of p_{·|i} equal to the logarithm of the perplexity.
//
// The sums are exact: an iteration takes O(n²) operations in float64, fast enough
// for the few thousand points that a figure can show. The processors share the
// rows, and each row is summed in order. So the same vectors, options and seed give
// the same places on any number of processors.
//
// Read a t-SNE picture for its neighbourhoods. Sizes and densities of clusters, and
// distances between far clusters, mean little.
package tsne
