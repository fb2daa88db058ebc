// Package record is what remains of a run: the [Result] that a results file holds
// a line of, the [Choice] of an evaluation among a run's, and the [Identity] that
// says which stored run may stand for which wanted one.
package record
