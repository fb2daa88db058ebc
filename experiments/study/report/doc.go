// Package report makes one HTML page of a results folder: tables, figures,
// configurations, the command that makes each run, and what computed it.
//
// The page needs nothing beside itself: its style and its figures are in it, it
// has no scripts, it follows the reader's light or dark scheme and can be printed.
// The same folder makes the same page: nothing is taken from the clock.
package report
