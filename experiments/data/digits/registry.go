package digits

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Spec describes a data set of the registry and loads it.
type Spec struct {
	// Name is what configurations and the command call it: "mnist".
	Name string
	// Summary is one line for people.
	Summary string
	// Source says where the files come from.
	Source string
	// License is what is known about the terms of use.
	License string
	// Files are the names of the files, for Options.Root.
	Files []string
	// Height, Width and Channels are the size of each image as stored.
	Height, Width, Channels int
	// TrainLen and TestLen are the numbers of images.
	TrainLen, TestLen int
	// Classes are the names of the classes.
	Classes []string
	// Transductive says that Train and Test are the same images, so that as a target the model adapts on the very
	// images (never the labels) it is tested on.
	Transductive bool
	// Load reads the data set.
	Load func(ctx context.Context, opts Options) (Splits, error)
}

// Options say how a data set is loaded. The zero value loads everything from the standard places.
type Options struct {
	// Root is the folder that holds the Spec's Files. Empty: see the package documentation.
	Root string
	// TrainLimit keeps the first so many training images; 0 keeps all, as does a number above what there is.
	// The digits recipe uses the first 10,000 of MNIST.
	TrainLimit int
	// TestLimit does the same for the test images.
	TestLimit int
	// SkipChecksum accepts files that are not the known ones, as long as they have the same format and image size.
	SkipChecksum bool
}

// Validate reports a negative limit.
func (o Options) Validate() error {
	if o.TrainLimit < 0 || o.TestLimit < 0 {
		return fmt.Errorf("limits of %d training and %d test images: must be 0 (all) or more", o.TrainLimit, o.TestLimit)
	}
	return nil
}

// Splits are the two parts of a data set, both labelled.
type Splits struct {
	Train, Test *Images
}

// limit applies the limits of opts.
func (s Splits) limit(opts Options) Splits {
	if opts.TrainLimit > 0 {
		s.Train = s.Train.Head(opts.TrainLimit)
	}
	if opts.TestLimit > 0 {
		s.Test = s.Test.Head(opts.TestLimit)
	}
	return s
}

// All returns the data sets in the order of documents and tables.
func All() []Spec { return []Spec{mnistSpec(), uspsSpec(), uciSpec()} }

// Names returns the names of All.
func Names() []string {
	var names []string
	for _, spec := range All() {
		names = append(names, spec.Name)
	}
	return names
}

// Lookup finds a data set by its name; the error for an unknown one lists those there are.
func Lookup(name string) (Spec, error) {
	specs := All()
	i := slices.IndexFunc(specs, func(spec Spec) bool { return spec.Name == name })
	if i < 0 {
		return Spec{}, fmt.Errorf("unknown data set %q; known are %s", name, strings.Join(Names(), ", "))
	}
	return specs[i], nil
}

// loader wraps the reading of one data set with what all have in common: options are checked first, errors carry the
// name, limits are applied last.
func loader(name string, read func(ctx context.Context, opts Options) (Splits, error)) func(context.Context, Options) (Splits, error) {
	return func(ctx context.Context, opts Options) (Splits, error) {
		if err := opts.Validate(); err != nil {
			return Splits{}, fmt.Errorf("data set %s: %w", name, err)
		}
		splits, err := read(ctx, opts)
		if err != nil {
			return Splits{}, fmt.Errorf("data set %s: %w", name, err)
		}
		return splits.limit(opts), nil
	}
}

// digitClasses are the names of the ten classes of every data set here.
func digitClasses() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
}
