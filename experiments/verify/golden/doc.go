// Package golden reads golden numbers: JSON files computed in float64 by the
// authors' public PyTorch code of Reciprocal Normalization (arXiv 2112.10474),
// against which this repository's layers, losses and training loop are checked.
//
// A file is one of four kinds:
//
//   - [KindLayer]: training steps (forward and backward) and one inference of
//     an RN layer, with "kind": "layer". See [LayerCase].
//   - [KindTrajectory]: 25 or so optimizer steps of a small network, with
//     "kind": "trajectory". See [Trajectory].
//   - [KindLosses]: values and gradients of the adversarial losses and values
//     of the schedules, recognised by its keys. See [Losses].
//   - [KindResNet]: features and predictions of a published ImageNet
//     ResNet-50, recognised by its "model" key. See [ResNet].
//
// Arrays are objects {"shape": [...], "data": [row-major values]}. A batch holds
// the rows of the source domain, then as many of the target domain.
//
// [Read] and [ReadDir] check everything a user of the numbers relies on: every
// field is there and no number is null or infinite, every shape agrees with the
// others. Keys that the format does not define are ignored. Errors name the
// file and the field, for example
//
//	golden: layer.json: steps[0].grad_x.shape: got [6 4], expected [6 3] as steps[0].x
package golden
