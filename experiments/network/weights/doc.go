// Package weights loads published ImageNet weights of ResNets into the variables of
// a network.
//
// [Read] reads safetensors files, PyTorch's .pth files and TensorFlow.js layers
// models. It returns a [File]: tensors with torchvision's names and PyTorch's
// layout, whatever the file's own. [Apply] copies them into variables, for any norm;
// all domains get the same batch statistics. [All] lists published files;
// [Resolve] and [Open] fetch them.
//
// Files come from others, so reading verifies what a file claims about itself. It
// takes memory of a few times the file's size, and some hundred times the size of the
// header or pickle that describes the tensors.
package weights
