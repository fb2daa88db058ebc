// Package report writes one HTML page about a results folder: tables, figures,
// configurations, the command that repeats each run, and the environment of the runs.
//
// The page is self-contained: style and figures are inline, and it has no scripts. It
// follows the reader's light or dark scheme and can be printed. The same folder gives
// the same page, byte for byte: nothing depends on the clock.
package report
