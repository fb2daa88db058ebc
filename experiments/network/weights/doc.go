// Package weights loads published ImageNet weights of ResNets into the variables of
// a network.
//
// [Read] reads safetensors files, PyTorch's .pth files and TensorFlow.js layers
// models. It returns a [File]: tensors with torchvision's names and PyTorch's
// layout, whatever the file's own. [Apply] copies them into variables, for any norm;
// all domains get the same batch statistics. [All] lists published files;
// [Resolve] and [Open] fetch them.
//
// Others make the files, so reading trusts nothing that a file claims about itself. It
// opens only regular files of at most 1 GiB, in which at most 2 MiB describe tensors,
// and checks these claims against the file's size before it reads values. Memory is a
// few times the file's size, and some hundred times the description's.
//
// Checksums are compared where there are any: the CRC-32 of every record of a .pth,
// the digest that the registry pins, or the sha256 that was recorded when the file was
// fetched. [File.Checked] tells which. A safetensors file has no checksum of its own.
package weights
