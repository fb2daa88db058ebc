package experiments

import (
	"context"
	"errors"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/data/photobench"
)

// Photos says how photographs become what a network reads: resized, in training
// cropped at random and mirrored at random, in tests cropped in the centre.
type Photos struct {
	// Resize is the size in pixels of both sides. Default 256 (the paper).
	Resize int `json:"resize"`
	// KeepAspect resizes the shorter side alone. Default false (the authors' code).
	KeepAspect bool `json:"keep_aspect"`
	// Crop is the size of the square that the network reads. Default 224 (the paper).
	Crop int `json:"crop"`
	// TestCrops is 1, the centre, or 10: the corners, the centre and their mirror
	// images, whose probabilities are averaged. Default 1.
	TestCrops int `json:"test_crops"`
}

// paperPhotos are the defaults.
var paperPhotos = Photos{Resize: 256, Crop: 224, TestCrops: 1}

// transform is that of a view.
func (p Photos) transform(view photo.View) photo.Transform {
	return photo.Transform{Resize: p.Resize, KeepAspect: p.KeepAspect, Crop: p.Crop, View: view}
}

// testView is the view of tests.
func (p Photos) testView() photo.View {
	if p.TestCrops == tenCrops {
		return photo.TenCrop
	}
	return photo.Centre
}

// tenCrops is the number of crops of photo.TenCrop.
const tenCrops = 10

// minCrop is what a ResNet, which halves five times, is left with something of.
const minCrop = 32

// validate reports everything that is wrong.
func (p Photos) validate() error {
	var errs []error
	if p.Crop < minCrop {
		errs = append(errs, fmt.Errorf("crops are of %d pixels: a ResNet wants %d or more", p.Crop, minCrop))
	}
	if p.Resize < p.Crop {
		errs = append(errs, fmt.Errorf("photographs are resized to %d pixels and cropped to %d: the crop must not be larger", p.Resize, p.Crop))
	}
	if p.TestCrops != 1 && p.TestCrops != tenCrops {
		errs = append(errs, fmt.Errorf("%d crops in tests: want 1 or %d", p.TestCrops, tenCrops))
	}
	return errors.Join(errs...)
}

// cacheBytes is the memory that a domain's resized photographs may take: what
// Office-Home's largest domain needs.
const cacheBytes = 1 << 30

// loadPhotos finds the photographs of a configuration.
func loadPhotos(c Config, recipe Recipe, env Environment) (source, target *photobench.Photos, err error) {
	b, err := photobench.Lookup(recipe.Benchmark)
	if err != nil {
		return nil, nil, err
	}
	if env.Data == "" {
		return nil, nil, fmt.Errorf("recipe %s: the folder of its photographs is not given: --root DIR", recipe.Name)
	}
	return b.Pair(photobench.Location{Root: env.Data, Lists: env.Lists}, c.Source, c.Target)
}

// photoData are the photographs as the network reads them.
func photoData(ctx context.Context, c Config, recipe Recipe, env Environment) (data, error) {
	source, target, err := loadPhotos(c, recipe, env)
	if err != nil {
		return data{}, err
	}
	make := func(p *photobench.Photos, view photo.View, name string) (set, error) {
		examples, err := photo.NewSet(p.Paths, c.Photos.transform(view), photo.SetOptions{CacheBytes: cacheBytes})
		if err != nil {
			return set{}, fmt.Errorf("%s: %w", p.Name, err)
		}
		s := set{name: name, examples: examples, labels: p.Labels, classes: p.Classes}
		if view == photo.TenCrop {
			s.crops = tenCrops
		}
		return s, nil
	}
	d := data{digests: map[string]string{"source": source.Digest(), "target": target.WithoutLabels().Digest(), "test": target.Digest()}}
	if d.source, err = make(source, photo.Random, c.Source); err != nil {
		return data{}, err
	}
	if d.target, err = make(target.WithoutLabels(), photo.Random, c.Target); err != nil {
		return data{}, err
	}
	d.test, err = make(target, c.Photos.testView(), c.Target)
	return d, err
}
