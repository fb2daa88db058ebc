package digits

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

const (
	uspsTrainFile = "zip.train.gz"
	uspsTestFile  = "zip.test.gz"
	// The sums are of the decoded digits (Images.Checksum), not of the files, because copies of the files differ in
	// compression and decimals ("-1" and "-1.0000") but not in content.
	uspsTrainSum = "8e08321a54d576513902605702348de287c46ea4bc0844d6cd721d79e0a005b5"
	uspsTestSum  = "f34dcdff1a1392d5ca40e0533f7aaa79a3b2c166d6ec497f94d30d8caac7168a"
)

func uspsSpec() Spec {
	return Spec{
		Name:    "usps",
		Summary: "USPS zip-code digits",
		Source: "the files zip.train.gz and zip.test.gz (\"ZIP code\") from the data page of \"The Elements of Statistical " +
			"Learning\" (Hastie, Tibshirani, Friedman); you download them and put them in place",
		License: "none stated; the neural network group at AT&T research labs gave the files to that page",
		Files:   []string{uspsTrainFile, uspsTestFile},
		Height:  uspsSide, Width: uspsSide, Channels: 1, TrainLen: 7291, TestLen: 2007, Classes: digitClasses(),
		Load: loadWith("usps", loadUSPS),
	}
}

func loadUSPS(ctx context.Context, opts Options) (Splits, error) {
	found, err := locate(opts.Root, "usps", []string{uspsTrainFile, uspsTestFile})
	if err != nil {
		return Splits{}, err
	}
	if found.dir == "" {
		return Splits{}, fmt.Errorf("%s and %s are neither in %s nor in %s: download both from the data page of "+
			"\"The Elements of Statistical Learning\" (ZIP code) and put them there, or name their folder with --root or $%s",
			uspsTrainFile, uspsTestFile, found.looked[0], found.looked[1], DataEnv)
	}
	train, err := readUSPSFile(ctx, filepath.Join(found.dir, uspsTrainFile), "usps train", uspsTrainSum, opts.SkipChecksum)
	if err != nil {
		return Splits{}, err
	}
	test, err := readUSPSFile(ctx, filepath.Join(found.dir, uspsTestFile), "usps test", uspsTestSum, opts.SkipChecksum)
	if err != nil {
		return Splits{}, err
	}
	return Splits{Train: train, Test: test}, nil
}

// readUSPSFile reads one split and checks the sum of its digits.
func readUSPSFile(ctx context.Context, path, name, sum string, skipChecksum bool) (*Images, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading data: %w", err)
	}
	im, err := readUSPS(path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if got := im.Checksum(); got != sum && !skipChecksum {
		return nil, checksumError(path, "digits with sha256", got, sum)
	}
	im.Name = name
	return im, nil
}
