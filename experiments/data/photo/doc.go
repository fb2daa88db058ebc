// Package photo decodes photographs and turns them into a network's input.
//
// It follows torchvision's usual pipeline, which produced the published results:
// [Open] gives 8-bit RGB as Pillow's convert("RGB") does, and [Transform] resizes
// with Pillow's antialiased bilinear filter, value for value, crops, mirrors and
// scales to [0, 1]. The network itself subtracts means and divides by standard
// deviations. One difference is deliberate: Open applies the EXIF orientation
// that a camera wrote, which torchvision's loader ignores.
//
// Files of others may claim any size. Open reads the header first, and all decoders
// of a process share a bounded memory, see [SetMemory].
//
// [Set] makes the photographs of a folder or a list readable for package loader.
package photo
