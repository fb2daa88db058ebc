// Package bench measures what a norm costs: seconds, compile time and memory of
// training steps and of inference, as ratios to BN's in one run.
//
// A [Case] is a network with a norm. [Measure] runs the steps of several cases,
// each in a process of its own ([Serve], [Process]): peak memory is that of one
// case then, and compiling starts from nothing. The processes are all there at
// once and step by turns, one at a time, so that what else the machine does
// meets all of them alike and ratios hold where seconds do not.
//
// [Layers] measures one convolution with the norm behind it, over channels and
// domains; [Compare] has a PyTorch script run between ours.
//
// Where a step's time goes, by kind of work, is not measured here: see the folder
// profile (make bench-profile), which has XLA say so.
//
// Images are noise, made once before the first step: what reading photographs
// costs is measured by package loader and by the data wait of a run's result.
package bench
