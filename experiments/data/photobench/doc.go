// Package photobench knows the benchmarks of photographs, and finds their files.
//
// # The registry
//
// [All] lists the benchmarks and [Lookup] finds one by name: domains, classes,
// how many photographs there should be, and the papers' tasks, pairs of source
// and target. The benchmark custom stands for anybody's own photographs: its
// domains are whatever is there.
//
//	name              classes  domains
//	office-home       65       Art 2427, Clipart 4365, Product 4439, Real_World 4357
//	office-31         31       amazon 2817, dslr 498, webcam 795
//	image-clef        12       c, i, p, b: 600 each
//	visda             12       train 152397, validation 55388
//	office-caltech10  10       amazon 958, caltech10 1123, dslr 157, webcam 295
//	pacs               7       photo 1670, art_painting 2048, cartoon 2344, sketch 3929
//	custom             any     any
//
// # Where files are looked for
//
// A [Location] is a root folder and, optionally, a folder of list files. A domain
// is a list file, of lines "path label", or a folder of class folders as
// torchvision's ImageFolder has them. With Lists given, the first of these that
// is there is taken (D is the domain or an alias of it, in any case and with any
// separators; those of custom as they are written):
//
//	Lists/D.txt  Lists/D_list.txt, and the same in Lists/BENCHMARK
//
// and without:
//
//	Root/D.txt  Root/D_list.txt, and the same in Root/image_list and Root/list
//	Root/D/image_list.txt (VisDA: its paths are relative to Root/D)
//	Root/D/images (Office-31), Root/D, Root/images/D, Root/kfold/D (PACS)
//
// Paths of lists are relative to Root. No image is opened before training, but
// [Benchmark.Load] makes sure that every file is there; [Benchmark.Check] opens
// them all.
package photobench
