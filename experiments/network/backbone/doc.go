// Package backbone builds the networks: a small one for digits, ResNets for
// photographs, and the head that follows a pretrained ResNet.
//
//	digits    [batch, 28, 28, channels] → features [batch, 128] → logits [batch, classes]
//	ResNet    [batch, height, width, 3] → features [batch, 512 or 2048]
//	head      [batch, in] → features [batch, bottleneck] → logits [batch, classes]
//
// Each takes its normalization as an argument, an [rnlayer.Norm], and puts it behind
// every convolution and hidden layer that learns; frozen stages have [FrozenNorm].
// [Activations] decides the dtype between layers. [ResNet.Tensors] and [VariablePath]
// relate the variables to the names in published weights, and a [Variant] to the
// differences between publishers.
//
// Functions that build graphs panic, as everywhere in GoMLX, with the given and the
// expected value; all others return errors.
//
// ReLU, max-pool and strided 1×1 convolutions have written-out gradients, which XLA
// computes in less time and memory than GoMLX's; comments say where and why.
package backbone
