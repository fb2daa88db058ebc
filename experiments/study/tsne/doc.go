// Package tsne embeds vectors in the plane by t-SNE (van der Maaten and Hinton,
// "Visualizing Data using t-SNE", JMLR 2008), for figures of features by domain
// and class.
//
// With p_{j|i} ∝ exp(−β_i |x_i − x_j|²), β_i chosen so that the entropy of
// p_{·|i} is the logarithm of the perplexity, p_ij = (p_{j|i} + p_{i|j})/2n and
// q_ij ∝ (1 + |y_i − y_j|²)⁻¹, the places y minimize KL(P‖Q).
//
// The sums are exact, O(n²) an iteration in float64, which is quick enough for
// the few thousand points a figure can show. Rows are shared among the
// processors, but each is summed in order: the same vectors, options and seed
// give the same places, whatever the number of processors.
//
// Distances between far clusters, their sizes and their densities mean little
// in such a picture; which points are neighbours is what it shows.
package tsne
