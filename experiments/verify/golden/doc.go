// Package golden reads golden numbers: JSON files that other authors' public code
// computed in float64. This repository's layers, losses and training loop are
// checked against them. [Embedded] returns the files that are part of the package;
// cases/README.md tells where they are from. [ReadDir] reads other files.
//
// A file has one of these kinds:
//
//   - [KindLayer]: training steps (forward and backward) and one inference of
//     an RN layer (arXiv 2112.10474). See [LayerCase].
//   - [KindTrajectory]: 25 or so optimizer steps of a small network with RN. See
//     [Trajectory].
//   - [KindLosses]: values and gradients of the adversarial losses and values
//     of the schedules. Has no "kind"; recognized by its keys. See [Losses].
//   - [KindResNet]: features and predictions of a published ImageNet ResNet-50.
//     Has no "kind"; recognized by its "model" key. See [ResNet].
//   - [KindNorm]: as KindLayer, of another norm. See [NormCase].
//   - [KindObjective]: losses with their gradients, and schedules. See [Objective].
//   - [KindPartial]: optimizer steps of a partial adaptation method. See
//     [PartialTrajectory].
//
// Arrays are objects {"shape": [...], "data": [row-major values]}. A batch holds
// the source rows, then the target rows.
//
// [Parse] checks everything that a user of the numbers relies on: every field is
// there, no number is null or infinite, and all shapes agree. Keys that the
// format does not define are ignored. Errors name the file and the field, for
// example
//
//	golden: layer.json: steps[0].grad_x.shape: got [6 4], expected [6 3] as steps[0].x
package golden
