// Package adistance measures the proxy A-distance of two domains: how well a
// linear classifier tells their samples apart (Ben-David et al., "Analysis of
// Representations for Domain Adaptation", NIPS 2007; "A theory of learning from
// different domains", Machine Learning 2010).
//
// A classifier learns to tell source from target. With ε its error on held-out
// samples, the distance is 2(1 − 2ε): 0 if the domains cannot be told apart, 2 if
// the classifier never errs. By chance the value may be slightly negative.
//
// Domains may differ in size: ε is the mean of the errors on the two domains, and
// each domain has the same total weight in training.
//
// The classifier is logistic regression with an L2 penalty on standardized
// features, fitted by L-BFGS.
package adistance
