package input

import (
	"context"
	"errors"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/config"
	"github.com/reciprocalnorm/rn/experiments/data/digits"
	"github.com/reciprocalnorm/rn/experiments/data/photo"
	"github.com/reciprocalnorm/rn/experiments/data/photobench"
	"github.com/reciprocalnorm/rn/experiments/environment"
	"github.com/reciprocalnorm/rn/experiments/record"
)

// Found are the domains of a configuration: digits in memory, or photographs that
// are found and digested but not decoded.
type Found struct {
	// Digests are sha256 sums of what the run will read, by the Digest constants of
	// package record. Photographs are covered by their content, not by their paths.
	Digests map[string]string
	// Source and Target are the photographs; nil for digits.
	Source, Target *Photographs

	config config.Config
	digits Data
}

// Find finds the domains of a configuration. Photographs that cannot be read are
// errors, or left out with a warning if the environment says so.
func Find(ctx context.Context, c config.Config, images environment.Images, report environment.Reporter) (Found, error) {
	recipe, err := config.LookupRecipe(c.Recipe)
	if err != nil {
		return Found{}, err
	}
	found := Found{config: c}
	if !recipe.OfPhotos() {
		err := found.loadDigits(ctx, recipe, images.Root)
		return found, err
	}
	b, err := photobench.Lookup(recipe.Benchmark)
	if err != nil {
		return Found{}, err
	}
	if images.Root == "" {
		return Found{}, fmt.Errorf("recipe %s needs the folder of its photographs: --root DIR", recipe.Name)
	}
	location := photobench.Location{Root: images.Root, Lists: images.Lists, AllowMissing: images.SkipBroken, Progress: report.ReportPreparing}
	source, target, err := b.Pair(location, c.Source, c.Target)
	if err != nil {
		return Found{}, err
	}
	if found.Source, err = readable(ctx, source, images, report); err != nil {
		return Found{}, err
	}
	if found.Target, err = readable(ctx, target, images, report); err != nil {
		return Found{}, err
	}
	for _, p := range []*Photographs{found.Source, found.Target} {
		p.warn(report)
	}
	found.Digests = map[string]string{
		record.DigestSource: found.Source.digest(true), record.DigestTarget: found.Target.digest(false), record.DigestTest: found.Target.digest(true),
	}
	return found, nil
}

// loadDigits loads and resizes digits.
func (f *Found) loadDigits(ctx context.Context, recipe config.Recipe, root string) error {
	load := func(name string) (digits.Splits, error) {
		spec, err := digits.Lookup(name)
		if err != nil {
			return digits.Splits{}, err
		}
		return spec.Load(ctx, digits.Options{Root: root, TrainLimit: f.config.TrainLimit})
	}
	source, err := load(f.config.Source)
	if err != nil {
		return err
	}
	target, err := load(f.config.Target)
	if err != nil {
		return err
	}
	if a, b := len(source.Train.Classes), len(target.Test.Classes); a != b {
		return fmt.Errorf("%s has %d classes, %s %d", f.config.Source, a, f.config.Target, b)
	}
	f.digits = Data{
		Source: OfImages(source.Train.Resize(recipe.Height, recipe.Width)),
		Target: OfImages(target.Train.WithoutLabels().Resize(recipe.Height, recipe.Width)),
		Test:   OfImages(target.Test.Resize(recipe.Height, recipe.Width)),
	}
	f.Digests = map[string]string{
		record.DigestSource: source.Train.Checksum(), record.DigestTarget: target.Train.WithoutLabels().Checksum(), record.DigestTest: target.Test.Checksum(),
	}
	return nil
}

// OfImages is a set of images in memory.
func OfImages(im *digits.Images) Set {
	return Set{Name: im.Name, Examples: NewMemory(im.Pixels, im.Height, im.Width, im.Channels), Labels: im.Labels, Classes: im.Classes}
}

// cacheBytes bounds the memory for a domain's resized photographs. Office-Home's
// largest domain fits.
const cacheBytes = 1 << 30

// Data are the images as a network that learns from pixels reads them: digits, or
// photographs for fine-tuning.
func (f Found) Data() (Data, error) {
	if f.Source == nil {
		return f.digits, nil
	}
	set := func(p *Photographs, view photo.View, name string) (Set, error) {
		examples, err := photo.NewSet(p.Paths, Transform(f.config.Photos, view), photo.SetOptions{CacheBytes: cacheBytes})
		if err != nil {
			return Set{}, fmt.Errorf("%s: %w", p.Name, err)
		}
		s := Set{Name: name, Examples: examples, Labels: p.Labels, Classes: p.Classes}
		if view == photo.TenCrop {
			s.Crops = config.TenCrops
		}
		return s, nil
	}
	test := photo.Centre
	if f.config.Photos.TestCrops == config.TenCrops {
		test = photo.TenCrop
	}
	source, sourceErr := set(f.Source, photo.Random, f.config.Source)
	target, targetErr := set(f.Target, photo.Random, f.config.Target)
	tested, testErr := set(f.Target, test, f.config.Target)
	return Data{Source: source, Target: target.WithoutLabels(), Test: tested}, errors.Join(sourceErr, targetErr, testErr)
}

// Transform is the path from a photograph to the network's input in a view.
func Transform(p config.Photos, view photo.View) photo.Transform {
	return photo.Transform{Resize: p.Resize, KeepAspect: p.KeepAspect, Crop: p.Crop, View: view}
}
