// Package ablations compares variants of a configuration.
//
// A [Suite] lists named variants, each a config.Edit of one field. [Suite.Plan]
// lists the runs: every variant with every seed. [Plan.Run] has package runs do the
// runs that are missing in the output folder and records each with its suite and
// variant. [Read] reads the folder, whichever processes wrote to it, and [Tables]
// compares the variants: mean and standard deviation over seeds, and the difference
// to the base row, paired by seed, with a confidence interval.
//
// A run is known by its record.Identity: configuration, data, weights, version of
// the code, kind of backend and number of devices. Files of several processes need
// nothing else to be joined. A [Shard] is the part of a plan that one process does;
// [Submission] writes the job file with which a scheduler starts a process per shard.
package ablations
