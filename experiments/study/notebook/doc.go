// Package notebook holds what the cells of the project's notebooks share: profiles,
// runs, figures and controls.
//
// A GoNB cell is a process of its own. Cells exchange results through the folder of
// [Environment]: the results file and checkpoints that rn train and rn ablate would
// write, so no cell trains a run twice.
//
// A cell has no caller to return an error to: [Must] and [Check] panic.
package notebook
