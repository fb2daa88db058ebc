package photo_test

import (
	"fmt"
	"log"

	"github.com/reciprocalnorm/rn/experiments/data/photo"
)

func ExampleTransform() {
	im, err := photo.Open("testdata/orientation6.jpg")
	if err != nil {
		log.Fatal(err)
	}
	t := photo.Transform{Resize: 8, Crop: 7} // of tests: the centre
	values := make([]float32, 7*7*3)
	if err := t.Apply(im, nil, values); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d×%d becomes %v, the first pixel %.2f\n", im.Width, im.Height, t.Shape(), values[:3])
	// Output: 11×13 becomes [7 7 3], the first pixel [0.51 0.81 0.75]
}
