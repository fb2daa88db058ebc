// Package figures draws the figures of runs: from results and saved networks to
// a [plots.Figure].
//
// Each kind of figure is one function, for a notebook's cell or a program, and
// one entry of the registry, for the command and the report: see [All]. Figures
// of results need the lines of a results file ([Curves], [Bars], [Gates],
// [Gates]) and [Ablation] the tables of package ablations; figures of a run need its network, opened by
// experiments.OpenSaved ([Correlation], [Alignment], [Statistics], [Confusion],
// [Reliability], [Embedding]), and [ADistance] those of several. What a saved
// network has computed for one figure it keeps for the next.
//
// How things are drawn is package plots' matter; this package decides what of a
// run is drawn, and has the numbers of each figure for those who read rather than
// look.
package figures
