// Package photo decodes photographs and makes them what a network reads.
//
// Every step is that of torchvision's usual pipeline, which the published
// results come from: [Decode] gives 8-bit RGB as Pillow's convert("RGB") does,
// [Transform] resizes with Pillow's antialiased bilinear filter, value for value,
// crops, mirrors and scales to [0, 1]. The network itself subtracts means and
// divides by deviations. One difference is meant: the orientation that a camera
// wrote into EXIF is applied, which torchvision's loader leaves out.
//
// [Set] is the photographs of a folder or a list as package loader reads them.
package photo
