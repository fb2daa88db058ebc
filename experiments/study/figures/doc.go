// Package figures draws the results, networks and ablations of runs with package
// plots.
//
// Each kind of figure is an entry of the registry [All], for the command and the
// report. A notebook or a program calls a function:
//
//   - From results: [Curves], [Bars], [GateHistories].
//   - From one saved network, which experiments.OpenSaved opens: [Correlation],
//     [Alignment], [Statistics], [Confusion], [Reliability], [Embedding].
//   - From several saved networks: [ADistance].
//   - From a table of package ablations: [Ablation].
//
// Figures of one network share its computations: experiments.Saved keeps them.
//
// Package plots decides how a figure looks. This package decides which data of a run
// it shows, and also returns these data as JSON.
package figures
