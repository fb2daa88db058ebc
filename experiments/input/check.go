package input

import (
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/problems"
)

// CheckBatches returns an error unless each domain has enough training images for a
// batch. It reads no image.
func (f Found) CheckBatches() error {
	var p problems.Problems
	for _, d := range []struct {
		name   string
		images int
	}{
		{f.config.Source, f.images(f.Source, f.digits.Source)},
		{f.config.Target, f.images(f.Target, f.digits.Target)},
	} {
		p.Require(d.images >= f.config.BatchSize, "%s has %d training images, fewer than a batch of %d: choose a smaller --batch-size", d.name, d.images, f.config.BatchSize)
	}
	return p.Err()
}

// images counts the training images of a domain of photographs or of digits.
func (f Found) images(photos *Photographs, digits Set) int {
	if photos != nil {
		return len(photos.Paths)
	}
	return digits.Examples.Len()
}

// CheckClasses returns an error if there is one class only: every prediction is
// right then, whatever the network.
func (f Found) CheckClasses() error {
	classes := f.digits.Source.Classes
	if f.Source != nil {
		classes = f.Source.Classes
	}
	if len(classes) == 1 {
		return fmt.Errorf("the only class is %q: every prediction will be right; training needs a folder for each of two or more classes", classes[0])
	}
	return nil
}
