// Package experiments runs domain adaptation experiments: [Run] trains what a
// configuration says and records the result, [OpenSaved] loads a trained network
// again.
//
// The packages below it, from the lowest up; imports go downwards only:
//
//   - atomicfile, checksum: files that are never half-written, damage that is noticed
//   - fetch: pinned downloads; registry and problems: lookups by name, Validate
//   - xla: the XLA backend, its executables on disk, its use of memory
//   - data: digits, photographs, the names of their classes, batches, cached features
//   - network: ResNets with an injected norm, and the weights that fill them
//   - objective, sgd: the losses and the optimizer
//   - config: the configuration, recipes and their defaults, edits of a field
//   - score, record: what predictions are worth, what remains of a run
//   - environment, input: where and how a run works, from data to batches
//   - training: the trainer, checkpoints, several devices
//   - export, lower, bench, verify: what is made or measured of a network
//
// Above it are runs (which runs are missing, which stored ones may be reused), the
// packages ablations and plots, and study (figures, reports, notebooks).
package experiments
