// Package ablations runs the ablations of an experiment and compares them.
//
// A [Suite] of the registry is a list of named variants of a configuration, each
// an [Edit] of one field. [Suite.Plan] makes the runs of a configuration: every
// variant with every seed. [Plan.Run] does those that are missing in a folder,
// [Read] reads what any number of processes have put there, and [Tables] compares
// the variants: mean and standard deviation over seeds, and the difference to the
// base row, paired by seed, with a confidence interval.
//
// Which run is which is known by its id, a hash of its configuration and of the
// version of the code; nothing else joins files of several processes. A [Shard]
// is a part of a plan, for schedulers that start one process a part.
package ablations
