// Package weights brings published ImageNet weights of ResNets from files into
// the variables of a network.
//
// [Read] takes safetensors files, PyTorch's .pth files and TensorFlow.js layers
// models, and gives a [File]: tensors under torchvision's names and in PyTorch's
// layout, whatever the file's own. [Apply] copies them into variables, for any
// norm: batch statistics go to every domain alike. [All], [Get] and [Resolve]
// know published files and where they come from.
//
// A file is somebody else's: what it says of itself is checked before it is
// believed, and reading takes no more memory than a few times its size, and some
// hundred times that of the header or pickle that describes the tensors.
package weights
