// Package score turns class probabilities into numbers: accuracy, recall and
// calibration from labels, and the scores that need none (InfoMax, entropy, soft
// neighbourhood density).
package score
