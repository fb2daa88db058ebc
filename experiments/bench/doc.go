// Package bench measures the cost of a norm: seconds, compile time and memory of
// training steps and of inference, as ratios to BN in the same run.
//
// A [Case] is a network with a norm. [Measure] runs the steps of several cases,
// each in a process of its own ([Process], [Serve]), so that peak memory belongs
// to one case and compiling starts from nothing. All processes run at once and
// step in turn, one at a time. Whatever else the machine does slows all of them
// alike, so ratios hold where seconds do not.
//
// [Layers] measures a convolution with a norm behind it, for a number of channels and
// of domains. [Turns] alternates between our steps and the steps of a PyTorch script,
// and [Compare] summarizes them.
//
// Images are noise, made once before the first step, unless [Case.Photos] names
// photographs. The folder profile (make bench-profile) divides a step's time by
// kind of work. README.md has the measurements.
package bench
