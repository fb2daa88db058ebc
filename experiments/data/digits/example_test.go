package digits_test

import (
	"fmt"

	"github.com/reciprocalnorm/rn/experiments/data/digits"
)

// The data sets of the registry.
func ExampleAll() {
	for _, spec := range digits.All() {
		fmt.Printf("%-5s %d×%d  %d / %d\n", spec.Name, spec.Height, spec.Width, spec.TrainLen, spec.TestLen)
	}
	// Output:
	// mnist 28×28  60000 / 10000
	// usps  16×16  7291 / 2007
	// uci   8×8  1797 / 1797
}

// Target images on their way to a training step lose their labels, are resized and are cut into batches that depend
// only on the seed and the step. Real images come from the Load of Lookup("usps").
func ExampleSampler() {
	target := &digits.Images{
		Name: "target", Height: 1, Width: 2, Channels: 1,
		Pixels: []float32{0, 1, 0.2, 0.8, 0.4, 0.6, 0.5, 0.5}, Labels: []int32{0, 1, 1, 0}, Classes: []string{"a", "b"},
	}
	target = target.WithoutLabels().Resize(1, 4)

	sampler, err := digits.NewSampler(target.Len(), 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := range 2 {
		pixels, labels := target.Batch(sampler.Indices(step))
		fmt.Println(len(pixels), "values, labels", labels)
	}
	_, err = digits.NewSampler(target.Len(), 5, 1)
	fmt.Println(err)
	// Output:
	// 8 values, labels []
	// 8 values, labels []
	// sampler: batch of 5 images out of only 4; use a smaller batch or more images
}

// Resizing as the digits recipe does it.
func ExampleImages_Resize() {
	im := &digits.Images{Name: "ramp", Height: 1, Width: 2, Channels: 1, Pixels: []float32{0, 1}}
	fmt.Println(im.Resize(1, 4).Pixels)
	// Output: [0 0.25 0.75 1]
}
