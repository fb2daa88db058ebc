// Package score computes scores of class probabilities: accuracy, recall, precision
// and calibration, which need labels, and InfoMax, entropy and soft neighbourhood
// density, which do not.
package score
