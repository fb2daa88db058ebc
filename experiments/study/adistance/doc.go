// Package adistance measures how far apart two domains are for a linear
// classifier: the proxy A-distance of Ben-David et al. ("Analysis of
// Representations for Domain Adaptation", NIPS 2007; "A theory of learning from
// different domains", Machine Learning 2010).
//
// With ε the error on held-out samples of a classifier trained to tell source
// from target, it is 2(1 − 2ε): 0 where the domains cannot be told apart, 2
// where they are told apart without error. Here ε is the mean of the errors on
// the two domains, so that domains of unequal size have the same scale; samples
// of a domain weigh the same in training. By chance the value may be a little
// below 0.
//
// The classifier is logistic regression with an L2 penalty on standardized
// features, fitted by L-BFGS.
package adistance
