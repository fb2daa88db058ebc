package digits

import (
	"context"
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/registry"
)

// Spec describes a data set of the registry and loads it.
type Spec struct {
	// Name is what configurations and the command call it: "mnist".
	Name string
	// Summary is one line for people.
	Summary string
	// Source says where the files come from.
	Source string
	// License says what is known about the terms of use.
	License string
	// Files are the names of its files.
	Files []string
	// Height, Width and Channels are the size of each image as stored.
	Height, Width, Channels int
	// TrainLen and TestLen are the numbers of images.
	TrainLen, TestLen int
	// Classes are the names of the classes.
	Classes []string
	// Transductive means that Train and Test are the same images: with this data set as the target, a model adapts on
	// the very images (never the labels) that it is tested on.
	Transductive bool
	// Load reads the data set.
	Load func(ctx context.Context, opts Options) (Splits, error)
}

// Options control how a data set is loaded.
type Options struct {
	// Root is the data folder. Default: $RN_DATA, or else the folder data of the current directory.
	Root string
	// TrainLimit keeps the first so many training images; 0 keeps all. The digits recipe uses the first 10,000 of MNIST.
	TrainLimit int
	// SkipChecksum accepts files with other content, as long as they have the same format and image size.
	SkipChecksum bool
}

// validate returns an error for a negative limit.
func (o Options) validate() error {
	if o.TrainLimit < 0 {
		return fmt.Errorf("limit of %d training images, want 0 (all) or more", o.TrainLimit)
	}
	return nil
}

// Splits are the two parts of a data set, both labelled.
type Splits struct {
	Train, Test *Images
}

// All returns the data sets in the order of documents and tables.
func All() []Spec { return []Spec{mnistSpec(), uspsSpec(), uciSpec()} }

// Lookup finds a data set by its name; the error for an unknown name lists the known ones.
func Lookup(name string) (Spec, error) {
	return registry.Find("data set", name, All(), func(s Spec) string { return s.Name })
}

// loadWith wraps the reading of a data set in what all have in common: it checks the options, puts the name before
// errors and applies the limit.
func loadWith(name string, read func(ctx context.Context, opts Options) (Splits, error)) func(context.Context, Options) (Splits, error) {
	return func(ctx context.Context, opts Options) (Splits, error) {
		if err := opts.validate(); err != nil {
			return Splits{}, fmt.Errorf("data set %s: %w", name, err)
		}
		splits, err := read(ctx, opts)
		if err != nil {
			return Splits{}, fmt.Errorf("data set %s: %w", name, err)
		}
		if opts.TrainLimit > 0 {
			splits.Train = splits.Train.head(opts.TrainLimit)
		}
		return splits, nil
	}
}

// digitClasses returns the names of the ten classes of every data set here.
func digitClasses() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}
