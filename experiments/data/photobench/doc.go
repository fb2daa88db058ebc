// Package photobench knows the photo benchmarks of domain adaptation and finds
// their files.
//
// # The registry
//
// [All] lists the benchmarks and [Lookup] finds one by name. A benchmark has
// domains, classes, the numbers of photographs, and tasks: the papers' pairs of
// source and target. The benchmark custom stands for your own photographs, and its
// domains are whatever you have.
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
// # Where the files are
//
// A [Location] is a root folder and, optionally, a folder of list files. A domain
// is a list file with lines "path label", or a folder of class folders as in
// torchvision's ImageFolder. With Lists, the first of these files counts (D is the
// name or an alias of the domain, whatever the case and separators; names of
// custom's domains are exact):
//
//	Lists/D.txt  Lists/D_list.txt, and the same in Lists/BENCHMARK
//
// and without Lists, the first of
//
//	Root/D.txt  Root/D_list.txt, and the same in Root/image_list and Root/list
//	Root/D/image_list.txt (VisDA: its paths are relative to Root/D)
//	Root/D/images (Office-31), Root/D, Root/images/D, Root/kfold/D (PACS)
//
// # Classes
//
// Class folders are labelled in their natural order: numbers by value, everything
// else in byte order. Lists have their own labels, from 0. [Benchmark.Pair] matches
// the classes of source and target by name.
//
// # Files
//
// The paths of lists are relative to Root. [Benchmark.Load] makes sure that every
// file exists and leaves opening them to training; [Benchmark.Check] opens them
// all.
package photobench
