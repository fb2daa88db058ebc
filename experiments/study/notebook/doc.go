// Package notebook is what the cells of the project's notebooks share: the
// profile, runs that are read where the command would have put them, figures,
// and controls.
//
// A cell of GoNB is a process of its own. What one trains, another reads from
// the folder of [Environment]: results file and checkpoints are those of `rn
// train` and `rn ablate`, so that nothing is trained twice.
//
// Cells have nobody to return an error to: [Must] and [Check] end them.
package notebook
